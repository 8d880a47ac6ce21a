#include "dialects/openai_parts.hpp"

#include "support/catch.hpp"

using namespace tollgate;
using namespace tollgate::dialects;
using model::Block;
using model::BlockKind;
using model::SourceKind;

namespace {

Block text(const char* said) {
  Block block;
  block.text = said;
  return block;
}

Block document(SourceKind kind, const char* title, const char* data) {
  Block block;
  block.kind = BlockKind::kDocument;
  block.text = title;
  block.source =
      model::Source{kind, kind == SourceKind::kBase64 ? "application/pdf" : "", data, ""};
  return block;
}

Block result(std::vector<Block> content, bool is_error = false) {
  Block block;
  block.kind = BlockKind::kToolResult;
  block.content = std::move(content);
  block.is_error = is_error;
  return block;
}

std::string url(const model::Source& source) {
  std::string out;
  json::Writer writer(out);
  write_source_url(writer, source);
  return out;
}

}  // namespace

TEST_CASE("sources become URLs") {
  CHECK(url({SourceKind::kBase64, "image/png", "iVBO", ""}) == "\"data:image/png;base64,iVBO\"");
  CHECK(url({SourceKind::kUrl, "", "https://x/y\"z", ""}) == "\"https://x/y\\\"z\"");
}

TEST_CASE("files have names") {
  CHECK(document_file_name(document(SourceKind::kBase64, "", ""), 3) == "document-3.pdf");
  CHECK(document_file_name(document(SourceKind::kBase64, "Plan", ""), 3) == "Plan.pdf");
  CHECK(document_file_name(document(SourceKind::kBase64, "a.pdf", ""), 3) == "a.pdf");
}

TEST_CASE("documents and search results become text") {
  Block plain = document(SourceKind::kText, "Plan", "line 1\nline 2");
  plain.rest = R"("context":"of \"today\"","other":1)";
  CHECK(document_text(plain) == "Document: Plan\nContext: of \"today\"\nline 1\nline 2");
  Block parts = document(SourceKind::kContent, "", "");
  parts.content = {text("a"), text("b")};
  CHECK(document_text(parts) == "a\nb");
  Block found;
  found.kind = BlockKind::kSearchResult;
  found.text = "Title";
  found.source = model::Source{SourceKind::kUrl, "", "https://x", ""};
  found.content = {text("body")};
  CHECK(search_result_text(found) == "Search result: Title\nSource: https://x\nbody");
}

TEST_CASE("a tool's result is one text") {
  Block reference;
  reference.kind = BlockKind::kToolReference;
  reference.name = "mcp__long";
  Block image;
  image.kind = BlockKind::kImage;
  Translation translation;
  translation.tool_names.emplace_back("mcp__long", "mcp_1");
  struct {
    const char* name;
    Block block;
    const char* text;
    bool empty;
  } rows[] = {
      {"a text", result({text("out")}), "out", false},
      {"texts", result({text("a"), text("b")}), "a\nb", false},
      {"nothing", result({}), "(no output)", true},
      {"an image", result({image}), "(no output)", true},
      {"a reference", result({reference}), "Tool mcp_1 is now available.", false},
      {"a document of text", result({document(SourceKind::kText, "T", "d")}), "Document: T\nd",
       false},
      {"a file", result({text("see"), document(SourceKind::kBase64, "T", "JVBE")}), "see", false},
      {"an error", result({text("failed")}, true), "Error: failed", false},
      {"an error that says so", result({text("Error: failed")}, true), "Error: failed", false},
      {"Claude Code's error", result({text("<tool_use_error>no</tool_use_error>")}, true),
       "<tool_use_error>no</tool_use_error>", false},
      {"an error in JSON", result({text("{\"error\":1}")}, true), "{\"error\":1}", false},
      {"an error without words", result({}, true), "Error: (no output)", true},
  };
  for (const auto& row : rows) {
    INFO(row.name);
    bool empty = false;
    CHECK(tool_result_text(row.block, translation, &empty) == row.text);
    CHECK(empty == row.empty);
  }
}
