#include "dialects/gemini_generate/schema_tree.hpp"

#include "support/catch.hpp"

namespace tollgate::dialects::gemini_generate {
namespace {

using Kind = SchemaTree::Kind;

TEST_CASE("a tree is written as it was read") {
  const char* texts[] = {"null",
                         "true",
                         "-7",
                         "1.5",
                         "\"a\\\"b\"",
                         "[]",
                         "{}",
                         "[1,[2,{\"a\":[]}],\"x\"]",
                         "{\"a\":{\"b\":{}},\"c\":[true,null]}"};
  for (const char* text : texts) {
    json::Document document;
    const auto parsed = document.parse(text);
    REQUIRE(parsed.ok());
    SchemaTree tree;
    std::string out;
    tree.write(tree.copy(parsed.value()), out);
    CHECK(out == text);
  }
}

TEST_CASE("members are found, replaced and taken away") {
  SchemaTree tree;
  const auto object = tree.make(Kind::kObject);
  tree.set(object, "a", tree.make_integer(1));
  tree.set(object, "b", tree.make_bool(true));
  tree.set(object, "a", tree.make_string("new"));
  tree.set(object, "c", SchemaTree::kNone);
  std::string out;
  tree.write(object, out);
  CHECK(out == "{\"b\":true,\"a\":\"new\"}");
  CHECK(tree.text(tree.find(object, "a")) == "new");
  CHECK(tree.is_true(tree.find(object, "b")));
  CHECK(tree.find(object, "c") == SchemaTree::kNone);
  tree.remove(object, "a");
  tree.set(object, "d", tree.make_real(0.5));
  out.clear();
  tree.write(object, out);
  CHECK(out == "{\"b\":true,\"d\":0.5}");
  CHECK(tree.number(tree.find(object, "d")) == 0.5);
  tree.reset(object);
  out.clear();
  tree.write(object, out);
  CHECK(out == "{}");
}

TEST_CASE("of members with one name the first counts") {
  std::string text = "{\"a\":1,\"a\":2";
  for (int i = 0; i < 40; ++i)
    text += ",\"b" + std::to_string(i % 20) + "\":0";
  json::Document document;
  const auto parsed = document.parse(text + "}");
  REQUIRE(parsed.ok());
  SchemaTree tree;
  const auto root = tree.copy(parsed.value());
  CHECK(tree.number(tree.find(root, "a")) == 1);
  size_t count = 0;
  for (auto id = tree.at(root).first; id != SchemaTree::kNone; id = tree.at(id).next)
    ++count;
  CHECK(count == 21);
}

TEST_CASE("a tree that is full says so and stays as it is") {
  SchemaTree tree;
  const auto array = tree.make(Kind::kArray);
  while (!tree.full())
    tree.append(array, tree.make(Kind::kNull));
  CHECK(tree.make(Kind::kNull) == SchemaTree::kNone);
  std::string out;
  tree.write(array, out);
  CHECK(out.size() == (SchemaTree::kNodesMax - 1) * 5 + 1);
  tree.clear();
  CHECK_FALSE(tree.full());
}

}  // namespace
}  // namespace tollgate::dialects::gemini_generate
