#include "store/backup_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.hpp"
#include "store/sync.hpp"

namespace courant::store {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kPiece = 256 * 1024;
constexpr std::int64_t kFormat = 1;
constexpr char kManifest[] = "MANIFEST";

std::FILE* create_private(fs::path const& path) {
  int const file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  return file < 0 ? nullptr : ::fdopen(file, "wb");
}

Error cannot_write(fs::path const& path) {
  return unavailable(fmt::format("cannot write {}: {}", path.string(), std::strerror(errno)));
}

json::Value to_json(Manifest const& manifest) {
  json::Array files;
  for (auto const& file : manifest.files)
    files.push_back(json::Object{{"name", file.name}, {"bytes", file.bytes}, {"sha256", file.sha256}});
  json::Array tables;
  for (auto const& table : manifest.tables)
    tables.push_back(json::Object{{"name", table.name}, {"rows", table.rows}, {"file", table.file}});
  json::Array sequences;
  for (auto const& sequence : manifest.sequences)
    sequences.push_back(json::Object{{"name", sequence.name}, {"value", sequence.value}});
  json::Array schema;
  for (auto const& step : manifest.schema)
    schema.push_back(json::Object{{"position", step.position},
                                  {"owner", step.owner},
                                  {"number", step.number},
                                  {"checksum", step.checksum},
                                  {"sql", step.sql}});
  return json::Object{{"format", kFormat},
                      {"engine", manifest.engine == Engine::sqlite ? "sqlite" : "postgresql"},
                      {"files", std::move(files)},
                      {"tables", std::move(tables)},
                      {"sequences", std::move(sequences)},
                      {"schema", std::move(schema)}};
}

/// A name that stays inside the directory.
bool is_plain_name(std::string_view name) {
  return !name.empty() && name.find('/') == std::string_view::npos && !name.starts_with('.');
}

/// Throws Boost's exceptions for what is missing or of another type; read_manifest ends them.
Manifest from_json(json::Object const& object) {
  Manifest manifest;
  auto const text = [](json::Value const& value, char const* key) {
    return std::string(value.as_object().at(key).as_string());
  };
  auto const number = [](json::Value const& value, char const* key) {
    return value.as_object().at(key).to_number<std::int64_t>();
  };
  if (object.at("format").to_number<std::int64_t>() != kFormat) throw std::runtime_error("unknown format");
  manifest.engine = object.at("engine").as_string() == "sqlite" ? Engine::sqlite : Engine::postgresql;
  for (auto const& file : object.at("files").as_array())
    manifest.files.push_back({text(file, "name"), number(file, "bytes"), text(file, "sha256")});
  for (auto const& table : object.at("tables").as_array())
    manifest.tables.push_back({text(table, "name"), number(table, "rows"), text(table, "file")});
  for (auto const& sequence : object.at("sequences").as_array())
    manifest.sequences.push_back({text(sequence, "name"), number(sequence, "value")});
  for (auto const& step : object.at("schema").as_array())
    manifest.schema.push_back({number(step, "position"), text(step, "owner"), static_cast<int>(number(step, "number")),
                               text(step, "checksum"), text(step, "sql")});
  for (auto const& file : manifest.files)
    if (!is_plain_name(file.name)) throw std::runtime_error("a file outside the backup");
  for (auto const& table : manifest.tables)
    if (!table.file.empty() && !is_plain_name(table.file)) throw std::runtime_error("a file outside the backup");
  return manifest;
}

Result<std::string> read_whole(fs::path const& path) {
  std::unique_ptr<std::FILE, decltype(&std::fclose)> const file(std::fopen(path.c_str(), "rbe"), &std::fclose);
  if (file == nullptr) return invalid("store.no_backup", "cannot read " + path.string());
  std::string text;
  std::string piece(kPiece, '\0');
  while (auto const size = std::fread(piece.data(), 1, piece.size(), file.get())) text.append(piece, 0, size);
  return text;
}

}  // namespace

Done make_backup_directory(fs::path const& target) {
  std::error_code failed;
  if (fs::exists(target, failed)) {
    if (!fs::is_directory(target, failed) || !fs::is_empty(target, failed) || failed)
      return invalid("store.backup_not_empty", target.string() + " is not an empty directory");
    return {};
  }
  fs::create_directories(target.parent_path(), failed);
  if (::mkdir(target.c_str(), 0700) != 0) return cannot_write(target);
  return {};
}

Result<BackupReport> finish_backup(fs::path const& directory, Manifest const& manifest) {
  auto const path = directory / kManifest;
  auto const text = json::write(to_json(manifest)) + "\n";
  std::unique_ptr<std::FILE, decltype(&std::fclose)> const file(create_private(path), &std::fclose);
  if (file == nullptr || std::fwrite(text.data(), 1, text.size(), file.get()) != text.size() ||
      std::fflush(file.get()) != 0 || ::fsync(::fileno(file.get())) != 0)
    return cannot_write(path);
  TRY(sync_directory(directory));
  return report_of(directory, manifest);
}

Result<Manifest> read_manifest(fs::path const& directory) {
  auto const value = TRY(json::parse(TRY(read_whole(directory / kManifest))));
  try {
    return from_json(value.as_object());
  } catch (std::exception const& exception) {
    return invalid("store.bad_backup", std::string("MANIFEST: ") + exception.what());
  }
}

Result<BackupReport> report_of(fs::path const& directory, Manifest const& manifest) {
  BackupReport report;
  for (auto const& file : manifest.files) report.bytes += file.bytes;
  for (auto const& table : manifest.tables) report.rows += table.rows;
  report.sha256 = TRY(measure(directory, kManifest)).sha256;
  return report;
}

Result<BackupFile> measure(fs::path const& directory, std::string const& name) {
  auto const path = directory / name;
  std::unique_ptr<std::FILE, decltype(&std::fclose)> const file(std::fopen(path.c_str(), "rbe"), &std::fclose);
  if (file == nullptr) return invalid("store.bad_backup", "cannot read " + path.string());
  BackupFile measured{name};
  crypto::Sha256 sha256;
  std::string piece(kPiece, '\0');
  while (auto const size = std::fread(piece.data(), 1, piece.size(), file.get())) {
    sha256.add({piece.data(), size});
    measured.bytes += static_cast<std::int64_t>(size);
  }
  if (std::ferror(file.get()) != 0) return unavailable("cannot read " + path.string());
  measured.sha256 = crypto::hex(sha256.finish());
  return measured;
}

Done check_files(fs::path const& directory, Manifest const& manifest) {
  for (auto const& expected : manifest.files) {
    auto const found = TRY(measure(directory, expected.name));
    if (found.bytes != expected.bytes || found.sha256 != expected.sha256)
      return invalid("store.bad_backup", expected.name + " is not what the backup wrote");
  }
  return {};
}

Result<CompressedWriter> CompressedWriter::open(fs::path const& directory, std::string name) {
  CompressedWriter writer;
  writer.out_.reset(create_private(directory / name));
  if (writer.out_ == nullptr) return cannot_write(directory / name);
  writer.file_.name = std::move(name);
  writer.context_.reset(ZSTD_createCCtx());
  writer.buffer_.resize(ZSTD_CStreamOutSize());
  return writer;
}

Done CompressedWriter::write(std::string_view data) { return compress(data, ZSTD_e_continue); }

Done CompressedWriter::compress(std::string_view data, ZSTD_EndDirective end) {
  ZSTD_inBuffer in{data.data(), data.size(), 0};
  while (true) {
    ZSTD_outBuffer out{buffer_.data(), buffer_.size(), 0};
    auto const left = ZSTD_compressStream2(context_.get(), &out, &in, end);
    if (ZSTD_isError(left) != 0) return broken(std::string("zstd: ") + ZSTD_getErrorName(left));
    sha256_.add({buffer_.data(), out.pos});
    file_.bytes += static_cast<std::int64_t>(out.pos);
    if (std::fwrite(buffer_.data(), 1, out.pos, out_.get()) != out.pos) return cannot_write(file_.name);
    bool const done = end == ZSTD_e_end ? left == 0 : in.pos == in.size;
    if (done) return {};
  }
}

Result<BackupFile> CompressedWriter::finish() {
  TRY(compress({}, ZSTD_e_end));
  if (std::fflush(out_.get()) != 0 || ::fsync(::fileno(out_.get())) != 0) return cannot_write(file_.name);
  out_.reset();
  file_.sha256 = crypto::hex(sha256_.finish());
  return std::move(file_);
}

Result<CompressedReader> CompressedReader::open(fs::path const& path) {
  CompressedReader reader;
  reader.in_.reset(std::fopen(path.c_str(), "rbe"));
  if (reader.in_ == nullptr) return invalid("store.bad_backup", "cannot read " + path.string());
  reader.context_.reset(ZSTD_createDCtx());
  reader.buffer_.resize(ZSTD_DStreamOutSize());
  return reader;
}

Result<std::optional<std::string_view>> CompressedReader::next() {
  while (true) {
    if (read_at_ == read_.size()) {
      read_.resize(ZSTD_DStreamInSize());
      read_.resize(std::fread(read_.data(), 1, read_.size(), in_.get()));
      read_at_ = 0;
      if (std::ferror(in_.get()) != 0) return unavailable("cannot read a file of the backup");
      if (read_.empty()) {
        if (frame_open_) return invalid("store.bad_backup", "a file of the backup ends early");
        return std::optional<std::string_view>();
      }
    }
    ZSTD_inBuffer in{read_.data(), read_.size(), read_at_};
    ZSTD_outBuffer out{buffer_.data(), buffer_.size(), 0};
    auto const left = ZSTD_decompressStream(context_.get(), &out, &in);
    if (ZSTD_isError(left) != 0) return invalid("store.bad_backup", std::string("zstd: ") + ZSTD_getErrorName(left));
    read_at_ = in.pos;
    frame_open_ = left != 0;
    if (out.pos > 0) return std::optional<std::string_view>({buffer_.data(), out.pos});
  }
}

}  // namespace courant::store
