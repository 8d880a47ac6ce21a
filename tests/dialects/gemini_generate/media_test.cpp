#include "dialects/gemini_generate/media.hpp"

#include "dialects/gemini_generate/through_gemini.hpp"
#include "dialects/same_json.hpp"

namespace tollgate::dialects::gemini_generate {
namespace {

struct RefusedCase {
  const char* name;
  const char* messages;
  const char* more;
  const char* says;
};

const RefusedCase kRefused[] = {
    {"an image by URL",
     R"j([{"role":"user","content":[{"type":"image","source":{"type":"url","url":"http://a/b.png"}}]}])j",
     "", "by URL"},
    {"a file of another provider",
     R"j([{"role":"user","content":[{"type":"document","source":{"type":"file","file_id":"f1"}}]}])j",
     "", "Files kept by another provider"},
    {"a container upload",
     R"j([{"role":"user","content":[{"type":"container_upload","file_id":"f1"}]}])j", "",
     "Files kept by another provider"},
    {"a server tool there is nothing like", R"j([{"role":"user","content":"a"}])j",
     R"j("tools":[{"type":"code_execution_20250825","name":"code_execution"}])j",
     "code_execution_20250825"},
    {"the screen", R"j([{"role":"user","content":"a"}])j",
     R"j("tools":[{"type":"computer_20251124","name":"computer"}])j", "computer_20251124"},
    {"search beside functions", R"j([{"role":"user","content":"a"}])j",
     R"j("tools":[{"type":"web_search_20250305","name":"web_search"},
      {"name":"f","input_schema":{"type":"object"}}])j",
     "in one request"},
};

TEST_CASE("what cannot be said here is refused with a reason") {
  for (const RefusedCase& row : kRefused) {
    INFO(row.name);
    Translation translation = translation_to("gemini-2.5-flash");
    const std::string message = refused(request_text(row.messages, row.more), translation);
    CHECK(message.find(row.says) != std::string::npos);
    CHECK(message.find("gemini-2.5-flash") != std::string::npos);
  }
}

TEST_CASE("Vertex fetches files by URL") {
  Translation translation = translation_to("gemini-2.5-flash", true);
  const std::string out = encoded(request_text(R"j([{"role":"user","content":[
        {"type":"image","source":{"type":"url","url":"https://a/b.webp?x=1"}},
        {"type":"document","source":{"type":"url","url":"https://a/b"}}]}])j"),
                                  translation);
  CHECK(test::json_difference(member_of(out, "contents"), R"j([{"role":"user","parts":[
    {"fileData":{"mimeType":"image/webp","fileUri":"https://a/b.webp?x=1"}},
    {"fileData":{"mimeType":"application/pdf","fileUri":"https://a/b"}}]}])j") == "");
  // In a result too, but behind all results.
  Translation third = translation_to("gemini-3.6-flash", true);
  const std::string result = encoded(request_text(R"j([{"role":"user","content":"go"},
      {"role":"assistant","content":[{"type":"tool_use","id":"toolu_a","name":"f","input":{}}]},
      {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_a","content":[
       {"type":"image","source":{"type":"url","url":"https://a/b.png"}}]}]}])j"),
                                     third);
  CHECK(result.find("\"fileUri\":\"https://a/b.png\"") != std::string::npos);
  test::GeminiServer server;
  server.vertex = true;
  CHECK(test::gemini_refusals(result, server).empty());
}

}  // namespace
}  // namespace tollgate::dialects::gemini_generate
