#include "text/confusable.hpp"

#include <unicode/uchar.h>
#include <unicode/uspoof.h>

#include <memory>

#include "text/fold.hpp"
#include "text/utf8.hpp"

namespace courant::text {
namespace {

using Checker = std::unique_ptr<USpoofChecker, decltype(&uspoof_close)>;

// ICU's checkers are safe to share between threads once they are set up.
USpoofChecker const* checker() {
  static Checker const made = [] {
    UErrorCode status = U_ZERO_ERROR;
    Checker fresh(uspoof_open(&status), &uspoof_close);
    if (U_FAILURE(status)) return Checker(nullptr, &uspoof_close);
    uspoof_setChecks(fresh.get(), USPOOF_RESTRICTION_LEVEL, &status);
    uspoof_setRestrictionLevel(fresh.get(), USPOOF_HIGHLY_RESTRICTIVE);
    return fresh;
  }();
  return made.get();
}

std::string skeleton(std::string_view folded) {
  std::string out(folded.size() * 4 + 16, '\0');
  for (int attempt = 0; attempt < 2 && checker(); ++attempt) {
    UErrorCode status = U_ZERO_ERROR;
    // The second argument, a kind of skeleton, is deprecated and must be 0.
    auto const length = uspoof_getSkeletonUTF8(checker(), 0, folded.data(), static_cast<int32_t>(folded.size()),
                                               out.data(), static_cast<int32_t>(out.size()), &status);
    if (U_SUCCESS(status)) {
      out.resize(static_cast<std::size_t>(length));
      return out;
    }
    if (status != U_BUFFER_OVERFLOW_ERROR) break;
    out.resize(static_cast<std::size_t>(length));
  }
  return std::string(folded);  // no data for skeletons: folding alone still tells most names apart
}

std::string letters_and_digits(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    auto const decoded = decode(text, at);
    if (u_isalnum(static_cast<UChar32>(decoded.character))) out += text.substr(at, decoded.bytes);
    at += decoded.bytes;
  }
  return out;
}

}  // namespace

std::string look_alike_key(std::string_view text) { return letters_and_digits(fold(skeleton(fold(text)))); }

bool mixes_scripts(std::string_view text) {
  if (!checker()) return false;
  UErrorCode status = U_ZERO_ERROR;
  auto const found = uspoof_check2UTF8(checker(), text.data(), static_cast<int32_t>(text.size()), nullptr, &status);
  return U_FAILURE(status) || (found & USPOOF_RESTRICTION_LEVEL) != 0;
}

}  // namespace courant::text
