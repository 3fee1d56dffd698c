// One timer wheel for all connections of a core: a deadline is a stored number, not a timer. Moving a deadline later
// costs one store; the entry is looked at when its old slot comes and moved on then.
#pragma once
#include <array>
#include <cstdint>

namespace courant::net {

/// Time in ticks; what a tick is, the owner decides.
using Tick = std::uint32_t;
inline constexpr Tick kNever = ~Tick{0};

class Wheel {
 public:
  struct Entry {
    Entry() = default;
    Entry(Entry const&) = delete;
    Entry& operator=(Entry const&) = delete;

   private:
    friend class Wheel;
    Entry* previous_ = this;
    Entry* next_ = this;
    Tick due_ = kNever;
    Tick looked_at_ = 0;  // the tick of the slot it stands in
  };

  void add(Entry& entry, Tick due) {
    entry.due_ = due;
    link(entry);
    ++size_;
  }
  void remove(Entry& entry) {
    unlink(entry);
    --size_;
  }
  void set_due(Entry& entry, Tick due) {
    entry.due_ = due;
    if (due >= entry.looked_at_) return;
    unlink(entry);
    link(entry);
  }

  [[nodiscard]] Tick now() const noexcept { return now_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// Moves time on by `ticks`; calls `expired(Entry&)` for each entry that is due. It may set a new deadline (without
  /// one the entry never expires again) and may remove this entry, but no other.
  template <class Expired>
  void advance(Tick ticks, Expired&& expired) {
    for (; ticks > 0; --ticks) {
      ++now_;
      Entry due;
      take_slot(now_, due);
      while (due.next_ != &due) {
        Entry& entry = *due.next_;
        unlink(entry);
        bool const is_due = entry.due_ <= now_;
        if (is_due) entry.due_ = kNever;
        link(entry);
        if (is_due) expired(entry);
      }
    }
  }

  /// Calls `visit(Entry&)` for every entry; it may set deadlines, but neither add nor remove.
  template <class Visit>
  void for_each(Visit&& visit) {
    Entry all;
    for (auto& slot : slots_) splice(slot, all);
    while (all.next_ != &all) {
      Entry& entry = *all.next_;
      unlink(entry);
      link(entry);
      visit(entry);
    }
  }

 private:
  static constexpr Tick kSlots = 256;

  static void unlink(Entry& entry) {
    entry.previous_->next_ = entry.next_;
    entry.next_->previous_ = entry.previous_;
    entry.next_ = entry.previous_ = &entry;
  }
  void link(Entry& entry) {
    auto const ahead = entry.due_ <= now_ ? 1 : entry.due_ - now_;
    entry.looked_at_ = now_ + (ahead < kSlots ? ahead : kSlots - 1);
    Entry& slot = slots_[entry.looked_at_ % kSlots];
    entry.previous_ = slot.previous_;
    entry.next_ = &slot;
    slot.previous_->next_ = &entry;
    slot.previous_ = &entry;
  }
  void take_slot(Tick tick, Entry& into) { splice(slots_[tick % kSlots], into); }
  static void splice(Entry& from, Entry& into) {
    if (from.next_ == &from) return;
    from.next_->previous_ = into.previous_;
    into.previous_->next_ = from.next_;
    from.previous_->next_ = &into;
    into.previous_ = from.previous_;
    from.next_ = from.previous_ = &from;
  }

  std::array<Entry, kSlots> slots_;
  Tick now_ = 0;
  std::size_t size_ = 0;
};

}  // namespace courant::net
