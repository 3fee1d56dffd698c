// One connection: a coroutine that reads requests and writes replies until one side has had enough.
#pragma once
#include <optional>
#include <string>

#include "net/body_intake.hpp"
#include "net/core.hpp"
#include "net/wire.hpp"

namespace courant::net {

class Connection final : public Wheel::Entry {
 public:
  Connection(Core& core, Binding const& binding, OwnedFile socket, TlsSession session, Address const& client,
             bool counted);
  ~Connection();

  /// The connection's life. Whoever runs it keeps `this` until it has ended.
  Task<> run();

  /// The wheel says that the deadline has come.
  void on_due();
  /// The server stops: an idle connection wakes up and ends.
  void begin_stop();
  /// The server has no more patience.
  void cut();

 private:
  enum class Phase : std::uint8_t { handshake, idle, head, transfer, work, linger };
  enum class Heard : std::uint8_t { head, more, ended };
  using Wanted = Descriptor::wait_type;

  // What run() does, in order. Those that do not return a Task never wait.
  Task<bool> shake_hands();
  Heard hear_head();
  Task<Heard> hear_rest();
  void who_asks();
  Task<int> hear_body();
  Task<> answer();
  Task<> answer_slowly(web::NeedsWorker needs);
  Task<> answer_on_worker();
  void refuse(int status);
  void prepare_reply(Ending ending);
  Task<bool> send_slowly(Io io);
  void account();
  Task<> linger();

  void enter(Phase phase, Duration limit);
  void begin_transfer(Duration at_most);
  Task<> wait(Wanted wanted);
  Task<> suspend();
  void resume();
  [[nodiscard]] bool interrupted() const noexcept { return expired_ || core_.cutting(); }

  Core& core_;
  Binding const& binding_;
  Descriptor socket_;
  Wire wire_;
  std::unique_ptr<Exchange> exchange_;
  std::unique_ptr<LoopTimer> resumed_;  // only while a worker is at it
  Address client_;
  std::string client_text_;
  boost::system::error_code error_;
  std::int64_t moved_ = 0;       // bytes of the transfer under way
  std::int64_t moved_then_ = 0;  // at the beginning of its window
  Tick transfer_end_ = kNever;
  Phase phase_ = Phase::idle;
  Wanted wanted_ = Wanted::wait_read;
  bool counted_ = false;
  bool expired_ = false;
  bool lingers_ = false;  // bytes may be on their way that nobody will read
};

}  // namespace courant::net
