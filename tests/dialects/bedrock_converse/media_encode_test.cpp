#include <string>

#include "dialects/bedrock_converse/request_support.hpp"

namespace tollgate::dialects::bedrock_converse {
namespace {

TEST_CASE("media go as Converse has them") {
  const Row rows[] = {
      {"an image", kClaude,
       request(user(R"({"type":"image","source":{"type":"base64","media_type":"image/png",
                        "data":"iVBORw=="}})")),
       R"({"messages":[{"role":"user","content":[{"image":{"format":"png",
           "source":{"bytes":"iVBORw=="}}}]}],"inferenceConfig":{"maxTokens":100}})"},
      {"documents, named and with a text beside", kClaude,
       request(user(R"({"type":"document","title":"a/b.pdf: \u00e9","citations":{"enabled":true},
                "source":{"type":"base64","media_type":"application/pdf","data":"JVBERg=="}},
               {"type":"document","title":"a b pdf",
                "source":{"type":"text","media_type":"text/plain","data":"hello"}},
               {"type":"document","source":{"type":"content","content":"chunk"}})")),
       R"({"messages":[{"role":"user","content":[
           {"document":{"format":"pdf","name":"a b pdf","source":{"bytes":"JVBERg=="},
             "citations":{"enabled":true}}},
           {"document":{"format":"txt","name":"a b pdf 2","source":{"bytes":"aGVsbG8="}}},
           {"document":{"format":"txt","name":"document","source":{"content":[{"text":"chunk"}]}}},
           {"text":"The document of this turn is attached."}]}],
           "inferenceConfig":{"maxTokens":100}})"},
      {"a search result", kClaude,
       request(user(R"({"type":"search_result","source":"https://a.example","title":"A",
                        "content":[{"type":"text","text":"x"}]})")),
       R"({"messages":[{"role":"user","content":[{"searchResult":{"source":"https://a.example",
           "title":"A","content":[{"text":"x"}]}}]}],"inferenceConfig":{"maxTokens":100}})"},
  };
  for (const Row& row : rows)
    check(row);
  struct Refused {
    const char* name;
    const char* block;
  };
  const Refused refused[] = {
      {"URL", R"({"type":"image","source":{"type":"url","url":"https://a.example/b.png"}})"},
      {"file", R"({"type":"document","source":{"type":"file","file_id":"file_1"}})"},
      {"type", R"({"type":"image","source":{"type":"base64","media_type":"image/tiff",
                   "data":"aGk="}})"},
  };
  for (const Refused& row : refused) {
    INFO(row.name);
    Translation translation = translation_to(kClaude);
    std::string out;
    const Status status =
        dialect().encode_request(request_of(request(user(row.block))), translation, out);
    CHECK(status.code() == Code::kInvalid);
    CHECK(status.message().find("Bedrock") != std::string::npos);
  }
}

}  // namespace
}  // namespace tollgate::dialects::bedrock_converse
