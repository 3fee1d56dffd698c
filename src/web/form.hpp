// A form as a person filled it in: fields by name, complaints collected and tied to their fields.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/result.hpp"
#include "web/request.hpp"

namespace courant::web {

class Form {
 public:
  /// From an urlencoded or multipart body. Error: invalid (too many fields, bad encoding, not a form).
  static Result<Form> read(Request const& request);

  /// The last value of a field, valid UTF-8, CRLF as LF; empty when absent.
  [[nodiscard]] std::string_view text(std::string_view name) const;
  /// As text(), without white space at both ends.
  [[nodiscard]] std::string_view trimmed(std::string_view name) const;
  [[nodiscard]] std::vector<std::string_view> all(std::string_view name) const;
  [[nodiscard]] bool checked(std::string_view name) const;
  [[nodiscard]] Upload const* upload(std::string_view name) const;
  [[nodiscard]] std::vector<Upload const*> uploads(std::string_view name) const;

  /// Notes what is wrong with a field; `field` empty: the whole form.
  void complain(std::string field, std::string message, MessageArguments arguments = {});
  /// invalid with all complaints, or success.
  [[nodiscard]] Done verdict() const;

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
  std::vector<Upload> const* uploads_ = nullptr;
  std::vector<Complaint> complaints_;
};

}  // namespace courant::web
