#include "features/authors/author.hpp"

#include <doctest/doctest.h>

#include "features/authors/authors.hpp"

namespace courant::authors {
namespace {

std::vector<std::string> fields(std::vector<Complaint> const& complaints) {
  std::vector<std::string> names;
  for (auto const& complaint : complaints) names.push_back(complaint.field);
  return names;
}

media::BlobName blob(char digit) { return *media::BlobName::parse(std::string(64, digit)); }

}  // namespace

TEST_CASE("handles that look alike are one handle") {
  CHECK(handle_key("tide-watch") == handle_key("tide_watch"));
  CHECK(handle_key("tidewatch") == handle_key("TideWatch"));
  CHECK(handle_key("0cean") == handle_key("ocean"));
  CHECK(handle_key("ocean") != handle_key("oceans"));
  CHECK(handle_key("新华") != handle_key("新华社"));
}

TEST_CASE("any name makes a handle that may be had") {
  CHECK(handle_from("Margaret Hall") == "margaret-hall");
  CHECK(handle_from("  Zoë  O'Neil ") == "zoe-o-neil");
  CHECK(handle_from("张伟") == "张伟");
  CHECK(handle_from("张伟 (记者)") == "张伟-记者");
  CHECK(handle_from("Иван") == "author");
  CHECK(handle_from("") == "author");
  CHECK(handle_from("admin") == "author");
  CHECK(handle_from(std::string(100, 'x')) == std::string(30, 'x'));
  CHECK(handle_from(std::string(29, 'x') + " yz") == std::string(29, 'x'));
}

TEST_CASE("a profile's complaints come all at once") {
  Profile profile;
  profile.handle = "Admin";
  profile.name = "官方";
  profile.bio = std::string(501, 'x');
  profile.field = std::string(61, 'x');
  profile.region = std::string(61, 'x');
  CHECK(fields(complaints_about(profile, "")) == std::vector<std::string>{"handle", "name", "bio", "field", "region"});
  CHECK(complaints_about({"morning-post", "Tide", "", "", "", AuthorKind::media}, "Morning Post").size() == 1);
  CHECK(complaints_about({"tide", "潮汐", "每天看海。", "海洋", "厦门", AuthorKind::individual}, "Courant").empty());
}

TEST_CASE("a kind goes to its name and back") {
  for (auto const kind : {AuthorKind::individual, AuthorKind::media, AuthorKind::company, AuthorKind::institution,
                          AuthorKind::government})
    CHECK(kind_named(name_of(kind)) == kind);
  CHECK_FALSE(kind_named("king"));
}

TEST_CASE("an address is percent-encoded") {
  Author author;
  author.handle = "张伟";
  CHECK(path_of(author) == "/author/%E5%BC%A0%E4%BC%9F");
}

TEST_CASE("a page gets the picture that is just wide enough, as WebP") {
  Author author;
  author.id = {5};
  CHECK(avatar_path(author, 160).empty());
  media::Picture picture;
  picture.variants = {{media::Format::jpeg, 320, 320, false, blob('1'), 10},
                      {media::Format::jpeg, 640, 640, false, blob('2'), 10},
                      {media::Format::webp, 320, 320, false, blob('3'), 10},
                      {media::Format::webp, 640, 640, false, blob('4'), 10}};
  author.avatar = std::make_shared<media::Picture const>(picture);
  CHECK(avatar_path(author, 160) == "/avatar/5/" + std::string(64, '3'));
  CHECK(avatar_path(author, 400) == "/avatar/5/" + std::string(64, '4'));
  CHECK(avatar_path(author, 2000) == "/avatar/5/" + std::string(64, '4'));
}

}  // namespace courant::authors
