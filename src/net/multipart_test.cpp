#include "net/multipart.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "base/crypto.hpp"

namespace courant::net {
namespace {

/// Writes the parts down as text.
class Notes final : public PartSink {
 public:
  std::string text;
  Done begin_part(PartHeader header) override {
    text += "[" + header.name + (header.file_name ? "|" + *header.file_name : "") + "|" + header.content_type + "=";
    return {};
  }
  Done add(std::string_view data) override {
    text += data;
    return {};
  }
  Done end_part() override {
    text += "]";
    return {};
  }
};

std::string parse(std::string_view body, std::size_t piece, MultipartLimits limits = {}) {
  Notes notes;
  MultipartParser parser("xyz", limits, notes);
  for (std::size_t at = 0; at < body.size(); at += piece)
    if (auto const done = parser.feed(body.substr(at, piece)); !done.ok()) return "refused";
  return parser.finish().ok() ? notes.text : "unfinished";
}

struct Folder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("courant-multipart-" + crypto::random_token(8));
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }
  [[nodiscard]] std::size_t files() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path), {}));
  }
};

}  // namespace

TEST_CASE("the boundary is taken from the content type") {
  CHECK(multipart_boundary("multipart/form-data; boundary=xyz") == "xyz");
  CHECK(multipart_boundary("Multipart/Form-Data; charset=utf-8; Boundary=\"a b\"") == "a b");
  CHECK(multipart_boundary("multipart/form-data; boundary=----WebKitFormBoundaryABC") == "----WebKitFormBoundaryABC");
  CHECK_FALSE(multipart_boundary("multipart/form-data"));
  CHECK_FALSE(multipart_boundary("multipart/form-data; boundary="));
  CHECK_FALSE(multipart_boundary("multipart/form-data; boundary=" + std::string(71, 'x')));
  CHECK_FALSE(multipart_boundary("multipart/form-data; boundary=\"a\r\n\""));
  CHECK_FALSE(multipart_boundary("multipart/form-data; boundary=\"end "));
  CHECK_FALSE(multipart_boundary("multipart/mixed; boundary=xyz"));
  CHECK_FALSE(multipart_boundary("application/x-www-form-urlencoded"));
}

TEST_CASE("a form is read the same however it is cut") {
  std::string_view const body =
      "--xyz\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nA \xe6\x96\xb0 title\r\n"
      "--xyz\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a \\\"b\\\" %22c%22.png\"\r\n"
      "Content-Type: image/png\r\n\r\n\r\n--xy\r\n--xyZ\r\n\r\n"
      "--xyz  \r\nContent-Disposition: form-data; name=empty; filename=\"\"\r\n\r\n\r\n"
      "--xyz--\r\nepilogue";
  for (std::size_t piece = 1; piece <= body.size(); ++piece) {
    CAPTURE(piece);
    CHECK(parse(body, piece) ==
          "[title|=A \xe6\x96\xb0 title][file|a \"b\" \"c\".png|image/png=\r\n--xy\r\n--xyZ\r\n][empty||=]");
  }
}

TEST_CASE("a backslash in a file name stays") {
  CHECK(parse("--xyz\r\nContent-Disposition: form-data; name=f; filename=\"C:\\dir\\x.png\"\r\n\r\nd\r\n--xyz--", 9) ==
        "[f|C:\\dir\\x.png|=d]");
}

TEST_CASE("what is no form is refused") {
  std::string const header = "Content-Disposition: form-data; name=a\r\n\r\n";
  CHECK(parse("--xyz\r\n" + header + "text", 100) == "unfinished");
  CHECK(parse("", 1) == "unfinished");
  CHECK(parse("nothing of the kind", 4) == "unfinished");
  CHECK(parse("--xyz\r\nContent-Type: text/plain\r\n\r\nx\r\n--xyz--", 100) == "refused");
  CHECK(parse("--xyz\r\n\r\nx\r\n--xyz--", 100) == "refused");
  CHECK(parse("--xyz\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--xyz--", 100) == "refused");
  CHECK(parse("--xyz\r\nContent-Disposition: form-data\r\n\r\nx\r\n--xyz--", 100) == "refused");
  CHECK(parse("--xyz\r\nno colon\r\n\r\nx\r\n--xyz--", 100) == "refused");
  CHECK(parse("--xyzfurther\r\n" + header + "x\r\n--xyz--", 100) == "refused");
  CHECK(parse("--xyz\r\nX: " + std::string(5000, 'x') + "\r\n" + header + "x\r\n--xyz--", 100) == "refused");
  CHECK(parse("--xyz" + std::string(5000, ' '), 100) == "refused");
  std::string many;
  for (int i = 0; i < 4; ++i) many += "--xyz\r\n" + header + "x\r\n";
  CHECK(parse(many + "--xyz--", 100, {.most_parts = 3}) == "refused");
  CHECK(parse(many + "--xyz--", 100, {.most_parts = 4}) == "[a|=x][a|=x][a|=x][a|=x]");
}

TEST_CASE("files go to disk, private, and disappear with the body") {
  REQUIRE(crypto::set_up().ok());
  Folder const folder;
  {
    web::Body body;
    UploadSink sink(body, folder.path, 100, 1000);
    REQUIRE(sink.begin_part({"title", std::nullopt, ""}).ok());
    REQUIRE(sink.add("hel").ok());
    REQUIRE(sink.add("lo").ok());
    REQUIRE(sink.end_part().ok());
    REQUIRE(sink.begin_part({"picture", "../../etc/passwd", "image/png"}).ok());
    REQUIRE(sink.add("some bytes").ok());
    REQUIRE(sink.end_part().ok());
    REQUIRE(body.fields.size() == 1);
    CHECK(body.fields[0] == std::pair<std::string, std::string>{"title", "hello"});
    REQUIRE(body.uploads.size() == 1);
    auto const& upload = body.uploads[0];
    CHECK(upload.file_name == "../../etc/passwd");
    CHECK(upload.bytes == 10);
    CHECK(upload.path.parent_path() == folder.path);
    CHECK((std::filesystem::status(upload.path).permissions() & std::filesystem::perms::mask) ==
          (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
    std::ifstream file(upload.path);
    CHECK(std::string(std::istreambuf_iterator<char>(file), {}) == "some bytes");
  }
  CHECK(folder.files() == 0);
}

TEST_CASE("fields and files have limits of their own") {
  REQUIRE(crypto::set_up().ok());
  Folder const folder;
  {
    web::Body body;
    UploadSink sink(body, folder.path, 10, 20);
    REQUIRE(sink.begin_part({"name", std::nullopt, ""}).ok());
    REQUIRE(sink.add("123456").ok());
    auto const done = sink.add("7");
    REQUIRE_FALSE(done.ok());
    CHECK(done.error().kind == ErrorKind::too_many);
  }
  {
    web::Body body;
    UploadSink sink(body, folder.path, 10, 20);
    REQUIRE(sink.begin_part({"a", "x", ""}).ok());
    REQUIRE(sink.add(std::string(20, 'x')).ok());
    auto const done = sink.add("y");
    REQUIRE_FALSE(done.ok());
    CHECK(done.error().kind == ErrorKind::too_many);
  }
  CHECK(folder.files() == 0);
  web::Body body;
  UploadSink sink(body, folder.path / "absent", 10, 20);
  auto const done = sink.begin_part({"a", "x", ""});
  REQUIRE_FALSE(done.ok());
  CHECK(done.error().kind == ErrorKind::unavailable);
}

}  // namespace courant::net
