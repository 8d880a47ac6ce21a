#include "dialects/openai_responses/content_encode.hpp"

#include "support/catch.hpp"

namespace tollgate::dialects::openai_responses {
namespace {

using model::Block;
using model::BlockKind;
using model::SourceKind;

Block text(const std::string& words) {
  Block block;
  block.text = words;
  return block;
}

Block medium(BlockKind kind, SourceKind where, const std::string& data) {
  Block block;
  block.kind = kind;
  block.source.emplace();
  block.source->kind = where;
  block.source->media_type = kind == BlockKind::kImage ? "image/png" : "application/pdf";
  block.source->data = data;
  return block;
}

std::string written(const std::vector<Block>& blocks, Translation& translation) {
  PieceReader reader(translation);
  std::vector<Piece> pieces;
  for (const Block& block : blocks) {
    const Status status = reader.add(block, pieces);
    if (!status.ok()) return status.message();
  }
  std::string out;
  json::Writer writer(out);
  write_pieces(pieces, writer);
  return out;
}

TEST_CASE("blocks become the parts the service takes") {
  Block titled = medium(BlockKind::kDocument, SourceKind::kBase64, "JVBER");
  titled.text = "Report";
  Block plain = medium(BlockKind::kDocument, SourceKind::kText, "all of it");
  plain.text = "Notes";
  Block reference;
  reference.kind = BlockKind::kToolReference;
  reference.name = "Bash";
  Block citing = text("cited");
  citing.citations = "[]";
  struct Row {
    const char* name;
    Block block;
    std::string part;
  };
  const Row rows[] = {
      {"text", text("Hi"), R"([{"type":"input_text","text":"Hi"}])"},
      {"no text", text(""), "[]"},
      {"an image", medium(BlockKind::kImage, SourceKind::kBase64, "iVBO"),
       R"([{"type":"input_image","image_url":"data:image/png;base64,iVBO","detail":"auto"}])"},
      {"an image by URL", medium(BlockKind::kImage, SourceKind::kUrl, "https://e.org/a.png"),
       R"([{"type":"input_image","image_url":"https://e.org/a.png","detail":"auto"}])"},
      {"a PDF", titled,
       R"([{"type":"input_file","filename":"Report.pdf","file_data":"data:application/pdf;base64,JVBER"}])"},
      {"a PDF without a title", medium(BlockKind::kDocument, SourceKind::kBase64, "JVBER"),
       R"([{"type":"input_file","filename":"document-1.pdf","file_data":"data:application/pdf;base64,JVBER"}])"},
      {"a PDF by URL", medium(BlockKind::kDocument, SourceKind::kUrl, "https://e.org/a.pdf"),
       R"([{"type":"input_file","file_url":"https://e.org/a.pdf"}])"},
      {"a document of text", plain,
       "[{\"type\":\"input_text\",\"text\":\"Document: Notes\\nall of it\"}]"},
      {"a tool reference", reference,
       R"([{"type":"input_text","text":"Tool Bash is now available."}])"},
      {"citations go", citing, R"([{"type":"input_text","text":"cited"}])"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    Translation translation;
    CHECK(written({row.block}, translation) == row.part);
  }
}

TEST_CASE("what cannot be sent is refused or said, never lost silently") {
  const Block image = medium(BlockKind::kImage, SourceKind::kBase64, "iVBO");
  const Block pdf = medium(BlockKind::kDocument, SourceKind::kBase64, "JVBER");
  Translation blind;
  blind.facts.images = false;
  blind.facts.pdf = false;
  CHECK(written({image}, blind) ==
        R"([{"type":"input_text","text":"[image omitted: the model cannot see images]"}])");
  CHECK(blind.losses.all().size() == 1);
  CHECK(written({pdf}, blind) == "A document of type PDF is not available on this model.");
  Translation translation;
  translation.traits.image_urls = false;
  CHECK(written({medium(BlockKind::kImage, SourceKind::kUrl, "https://e.org")}, translation)
            .starts_with("An image by URL"));
  CHECK(written({medium(BlockKind::kImage, SourceKind::kFile, "file_1")}, translation)
            .starts_with("An image by file id"));
  CHECK(written({medium(BlockKind::kDocument, SourceKind::kFile, "file_1")}, translation)
            .starts_with("A document by file id"));
  Block upload;
  upload.kind = BlockKind::kOther;
  upload.type = "container_upload";
  CHECK(written({upload}, translation).find("container_upload") != std::string::npos);
  Block news;
  news.kind = BlockKind::kOther;
  news.type = "news";
  CHECK(translation.losses.all().empty());
  CHECK(written({news}, translation) == "[]");
  CHECK(translation.losses.all().size() == 1);
}

TEST_CASE("an image of a type that the upstream cannot read is said, and noted") {
  for (const auto& [type, taken] : {std::pair("image/png", true),
                                    {"image/jpeg", true},
                                    {"image/webp", false},
                                    {"image/gif", false}}) {
    INFO(type);
    Block image = medium(BlockKind::kImage, SourceKind::kBase64, "iVBO");
    image.source->media_type = type;
    Translation openai;
    CHECK(written({image}, openai).find("input_image") != std::string::npos);
    Translation xai;
    xai.traits.webp_and_gif = false;
    const std::string out = written({image}, xai);
    CHECK((out.find("input_image") != std::string::npos) == taken);
    CHECK(xai.losses.all().empty() == taken);
    if (taken) continue;
    CHECK(out ==
          R"([{"type":"input_text","text":"[image omitted: the model cannot read images of type )" +
              std::string(type) + "]\"}]");
  }
  Translation xai;
  xai.traits.webp_and_gif = false;
  const Block url = medium(BlockKind::kImage, SourceKind::kUrl, "https://e.org/a.webp");
  CHECK(written({url}, xai).find("input_image") != std::string::npos);
}

TEST_CASE("images inside a document of content are sent beside its text") {
  Block document = medium(BlockKind::kDocument, SourceKind::kContent, "");
  document.content = {text("page one"), medium(BlockKind::kImage, SourceKind::kBase64, "iVBO")};
  Translation translation;
  const std::string out = written({document}, translation);
  CHECK(out.find("page one") != std::string::npos);
  CHECK(out.find("base64,iVBO") != std::string::npos);
}

TEST_CASE("an error of a tool says that it is one") {
  struct Row {
    std::vector<Block> content;
    std::string first;
  };
  const Row rows[] = {
      {{text("no such file")}, "Error: no such file"},
      {{text("Error: no such file")}, "Error: no such file"},
      {{text("<tool_use_error>x</tool_use_error>")}, "<tool_use_error>x</tool_use_error>"},
      {{text("{\"error\":1}")}, "{\"error\":1}"},
      {{}, "Error"},
      {{medium(BlockKind::kImage, SourceKind::kBase64, "iVBO")}, "Error"},
  };
  for (const Row& row : rows) {
    Block result;
    result.kind = BlockKind::kToolResult;
    result.is_error = true;
    result.content = row.content;
    Translation translation;
    PieceReader reader(translation);
    std::vector<Piece> pieces;
    REQUIRE(reader.add_result(result, pieces).ok());
    REQUIRE(!pieces.empty());
    CHECK(pieces[0].shown() == row.first);
  }
}

}  // namespace
}  // namespace tollgate::dialects::openai_responses
