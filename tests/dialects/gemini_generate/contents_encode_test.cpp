#include "dialects/gemini_generate/through_gemini.hpp"
#include "dialects/same_json.hpp"

namespace tollgate::dialects::gemini_generate {
namespace {

struct EncodeCase {
  const char* name;
  const char* model;
  std::string input;
  const char* contents;
};

const EncodeCase kContents[] = {
    {"a word", "gemini-3.6-flash", R"j([{"role":"user","content":"hi"}])j",
     R"j([{"role":"user","parts":[{"text":"hi"}]}])j"},
    {"an answer before the first question", "gemini-3.6-flash",
     R"j([{"role":"assistant","content":"yes?"},{"role":"user","content":"hi"}])j",
     R"j([{"role":"user","parts":[{"text":"."}]},{"role":"model","parts":[{"text":"yes?"}]},
      {"role":"user","parts":[{"text":"hi"}]}])j"},
    {"a begun answer", "gemini-3.6-flash",
     R"j([{"role":"user","content":"hi"},{"role":"assistant","content":"I"}])j",
     R"j([{"role":"user","parts":[{"text":"hi"}]},{"role":"model","parts":[{"text":"I"}]},
      {"role":"user","parts":[{"text":"Continue."}]}])j"},
    {"neighbours of one role", "gemini-3.6-flash",
     R"j([{"role":"user","content":"a"},{"role":"user","content":"b"}])j",
     R"j([{"role":"user","parts":[{"text":"a"},{"text":"b"}]}])j"},
    {"a system message among others", "gemini-3.6-flash",
     R"j([{"role":"user","content":"a"},{"role":"system","content":"s"},
      {"role":"user","content":"b"}])j",
     R"j([{"role":"user","parts":[{"text":"a"},
      {"text":"<system-reminder>\ns\n</system-reminder>"},{"text":"b"}]}])j"},
    {"an image and a PDF", "gemini-2.5-flash",
     R"j([{"role":"user","content":[
      {"type":"image","source":{"type":"base64","media_type":"image/jpg","data":"/9g="}},
      {"type":"document","title":"T","context":"C",
       "source":{"type":"base64","media_type":"application/pdf","data":"JVBERg=="}}]}])j",
     R"j([{"role":"user","parts":[{"inlineData":{"mimeType":"image/jpeg","data":"/9g="}},
      {"text":"Document: T\nC"},
      {"inlineData":{"mimeType":"application/pdf","data":"JVBERg=="}}]}])j"},
    {"documents of text", "gemini-2.5-flash",
     R"j([{"role":"user","content":[
      {"type":"document","source":{"type":"text","media_type":"text/plain","data":"abc"}},
      {"type":"document","title":"T","source":{"type":"content","content":[
       {"type":"text","text":"x"},
       {"type":"image","source":{"type":"base64","media_type":"image/png","data":"/9g="}}]}},
      {"type":"search_result","source":"http://s","title":"R","content":[
       {"type":"text","text":"found"}]}]}])j",
     R"j([{"role":"user","parts":[{"text":"abc"},{"text":"Document: T"},{"text":"x"},
      {"inlineData":{"mimeType":"image/png","data":"/9g="}},
      {"text":"Search result: R\nSource: http://s\nfound"}]}])j"},
    {"a picture that moves", "gemini-3.6-flash",
     R"j([{"role":"user","content":[
      {"type":"image","source":{"type":"base64","media_type":"image/gif","data":"R0k="}}]}])j",
     R"j([{"role":"user","parts":[
      {"text":"[A file of type image/gif stood here; this model cannot read that type.]"}]}])j"},
    {"calls and results out of order, with a remark before them", "gemini-2.5-flash",
     R"j([{"role":"user","content":"go"},
      {"role":"assistant","content":[{"type":"tool_use","id":"toolu_a","name":"f","input":{"x":1}},
       {"type":"tool_use","id":"toolu_b","name":"g","input":{}}]},
      {"role":"user","content":[{"type":"text","text":"note"},
       {"type":"tool_result","tool_use_id":"toolu_b","content":"B","is_error":true},
       {"type":"tool_result","tool_use_id":"toolu_a","content":[{"type":"text","text":"A"},
        {"type":"text","text":"2"}]}]}])j",
     R"j([{"role":"user","parts":[{"text":"go"}]},
      {"role":"model","parts":[{"functionCall":{"name":"f","args":{"x":1}}},
       {"functionCall":{"name":"g","args":{}}}]},
      {"role":"user","parts":[
       {"functionResponse":{"name":"f","response":{"output":"A\n2"}}},
       {"functionResponse":{"name":"g","response":{"error":"B"}}},{"text":"note"}]}])j"},
    {"ids go back as they came", "gemini-2.5-flash",
     R"j([{"role":"user","content":"go"},
      {"role":"assistant","content":[
       {"type":"tool_use","id":"toolu_g_grBScFvZ","name":"f","input":{}}]},
      {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_g_grBScFvZ"}]}])j",
     R"j([{"role":"user","parts":[{"text":"go"}]},
      {"role":"model","parts":[{"functionCall":{"id":"grBScFvZ","name":"f","args":{}}}]},
      {"role":"user","parts":[
       {"functionResponse":{"id":"grBScFvZ","name":"f","response":{"output":""}}}]}])j"},
    {"a picture in a result", "gemini-3.6-flash",
     R"j([{"role":"user","content":"go"},
      {"role":"assistant","content":[{"type":"tool_use","id":"toolu_a","name":"f","input":{}}]},
      {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_a","content":[
       {"type":"text","text":"look"},
       {"type":"image","source":{"type":"base64","media_type":"image/png","data":"/9g="}},
       {"type":"document","source":{"type":"base64","media_type":"application/pdf",
        "data":"JVBERg=="}}]}]}])j",
     R"j([{"role":"user","parts":[{"text":"go"}]},
      {"role":"model","parts":[{"functionCall":{"name":"f","args":{}},
       "thoughtSignature":"skip_thought_signature_validator"}]},
      {"role":"user","parts":[{"functionResponse":{"name":"f","response":{"output":"look"},
       "parts":[{"inlineData":{"mimeType":"image/png","data":"/9g="}},
        {"inlineData":{"mimeType":"application/pdf","data":"JVBERg=="}}]}}]}])j"},
    {"a picture in a result of an older model", "gemini-2.5-flash",
     R"j([{"role":"user","content":"go"},
      {"role":"assistant","content":[{"type":"tool_use","id":"toolu_a","name":"f","input":{}},
       {"type":"tool_use","id":"toolu_b","name":"g","input":{}}]},
      {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_a","content":[
       {"type":"image","source":{"type":"base64","media_type":"image/png","data":"/9g="}}]},
       {"type":"tool_result","tool_use_id":"toolu_b","content":"B"},
       {"type":"text","text":"so?"}]}])j",
     R"j([{"role":"user","parts":[{"text":"go"}]},
      {"role":"model","parts":[{"functionCall":{"name":"f","args":{}}},
       {"functionCall":{"name":"g","args":{}}}]},
      {"role":"user","parts":[{"functionResponse":{"name":"f","response":{
       "output":"(see the files attached behind the results)"}}},
       {"functionResponse":{"name":"g","response":{"output":"B"}}},
       {"text":"Attached by the result of f:"},
       {"inlineData":{"mimeType":"image/png","data":"/9g="}},{"text":"so?"}]}])j"},
    {"a tool that was found", "gemini-2.5-flash",
     R"j([{"role":"user","content":"go"},
      {"role":"assistant","content":[{"type":"tool_use","id":"toolu_a","name":"s","input":{}}]},
      {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_a","content":[
       {"type":"tool_reference","tool_name":"T"}]}]}])j",
     R"j([{"role":"user","parts":[{"text":"go"}]},
      {"role":"model","parts":[{"functionCall":{"name":"s","args":{}}}]},
      {"role":"user","parts":[{"functionResponse":{"name":"s","response":{
       "output":"The tool T is available now."}}}]}])j"},
    {"foreign thinking", "gemini-2.5-flash",
     R"j([{"role":"user","content":"a"},
      {"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"Eqk="},
       {"type":"redacted_thinking","data":"abc"}]},
      {"role":"user","content":"b"}])j",
     R"j([{"role":"user","parts":[{"text":"a"},{"text":"b"}]}])j"},
    {"a summary of what came before", "gemini-2.5-flash",
     R"j([{"role":"user","content":"a"},
      {"role":"assistant","content":[{"type":"compaction","content":"so far"},
       {"type":"text","text":"b"}]},
      {"role":"user","content":"c"}])j",
     R"j([{"role":"user","parts":[{"text":"a"},{"text":"so far"}]},
      {"role":"model","parts":[{"text":"b"}]},{"role":"user","parts":[{"text":"c"}]}])j"},
};

TEST_CASE("conversations become contents") {
  for (const EncodeCase& row : kContents) {
    INFO(row.name);
    Translation translation = translation_to(row.model);
    const std::string out = encoded(request_text(row.input), translation);
    INFO(out);
    CHECK(test::json_difference(member_of(out, "contents"), row.contents) == "");
    const int generation = row.model[7] - '0';
    test::GeminiServer server;
    server.generation = generation;
    const auto wrong = test::gemini_refusals(out, server);
    INFO(one_line(wrong));
    CHECK(wrong.empty());
  }
}

}  // namespace
}  // namespace tollgate::dialects::gemini_generate
