#include "providers/aws_bedrock/invoke_sources.hpp"

#include <string>

#include "support/catch.hpp"

namespace tollgate::providers::aws_bedrock {
namespace {

TEST_CASE("what Bedrock would have to fetch is refused in words, wherever it stands") {
  const std::string url =
      R"({"type":"image","source":{"type":"url","url":"https://a.example/b.png"}})";
  const std::string file = R"({"type":"document","source":{"type":"file","file_id":"file_1"}})";
  const std::string here =
      R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw=="}})";
  struct Row {
    const char* name;
    std::string block;
    bool taken;
  };
  const Row rows[] = {
      {"base64", here, true},
      {"text of a document", R"({"type":"document","source":{"type":"text","data":"url"}})", true},
      {"a URL that is only spoken of", R"({"type":"text","text":"{\"type\":\"url\"}"})", true},
      {"arguments of a call",
       R"({"type":"tool_use","id":"t","name":"n","input":{"source":{"type":"url"}}})", true},
      {"an image by URL", url, false},
      {"a document by file", file, false},
      {"an upload", R"({"type":"container_upload","file_id":"file_1"})", false},
      {"in a tool's result",
       R"({"type":"tool_result","tool_use_id":"t","content":[)" + here + "," + url + "]}", false},
      {"in a document",
       R"({"type":"document","source":{"type":"content","content":[)" + url + "]}}", false},
      {"in a document of a result",
       R"({"type":"tool_result","tool_use_id":"t","content":[{"type":"document","source":{"type":"content","content":[)" +
           url + "]}}]}",
       false},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const std::string text =
        R"([{"role":"user","content":"hi"},{"role":"user","content":[)" + row.block + "]}]";
    json::Document document;
    const auto parsed = document.parse(text);
    REQUIRE(parsed.ok());
    const Status status = check_invoke_sources(parsed.value());
    CHECK(status.ok() == row.taken);
    if (row.taken) continue;
    CHECK(status.code() == Code::kInvalid);
    CHECK(status.message().find("messages.1: ") == 0);
    CHECK(status.message().find("base64") != std::string::npos);
  }
}

}  // namespace
}  // namespace tollgate::providers::aws_bedrock
