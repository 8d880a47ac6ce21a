#include "dialects/gemini_generate/stream_pieces.hpp"
#include "support/recordings.hpp"

namespace tollgate::dialects::gemini_generate {
namespace {

using model::Block;
using model::BlockKind;

TEST_CASE("arguments that came in pieces are put together") {
  for (const auto& path : test::recordings("gemini", "partial-args-stream.sse")) {
    Translation translation = translation_to("gemini-3.1-pro-preview", true);
    const model::Response response = folded(decoded({test::read_file(path)}, translation).events);
    std::vector<std::string> inputs;
    for (const Block& block : response.content) {
      if (block.kind == BlockKind::kToolUse) inputs.push_back(block.input);
    }
    CHECK(inputs == std::vector<std::string>{"{\"location\":\"Boston\"}",
                                             "{\"location\":\"San Francisco\"}"});
  }
}

TEST_CASE("only the first call where the client takes one") {
  Translation translation = translation_to("gemini-3.6-flash");
  translation.single_tool_call = true;
  const Decoded result =
      decoded({chunk(R"j({"functionCall":{"name":"f","args":{}},"thoughtSignature":"c2ln"},
        {"functionCall":{"name":"g","willContinue":true}})j") +
               chunk(R"j({"functionCall":{"partialArgs":[{"jsonPath":"$.a","stringValue":"x"}]}})j",
                     kStop)},
              translation);
  REQUIRE(result.status.ok());
  CHECK(outline(folded(result.events), translation) == "#call=c2ln(f {})");
  CHECK(has_loss(translation, "functionCall"));
}

TEST_CASE("a module that the model made up is not part of a tool's name") {
  Translation translation = translation_to("gemini-3.6-flash");
  translation.declared_tools = {"Read", "long name"};
  translation.tool_names = {{"long name", "long_name_1a2b3c4d"}};
  const Decoded result = decoded({chunk(R"j({"functionCall":{"name":"default_api.Read"}},
        {"functionCall":{"name":"default_api:long_name_1a2b3c4d"}},
        {"functionCall":{"name":"default_api.other"}})j",
                                        kStop)},
                                 translation);
  REQUIRE(result.status.ok());
  CHECK(outline(folded(result.events), translation) ==
        "(Read {})(long name {})(default_api.other {})");
}

TEST_CASE("ids of calls are the upstream's where it gives any, and unique") {
  Translation translation = translation_to("gemini-3.6-flash");
  const Decoded result = decoded(
      {chunk(R"j({"functionCall":{"id":"abcdefgh","name":"f"}},{"functionCall":{"name":"f"}},
        {"functionCall":{"id":"abcdefgh","name":"f"}},{"functionCall":{"id":"a b","name":"f"}})j",
             kStop)},
      translation);
  REQUIRE(result.status.ok());
  std::vector<std::string> ids;
  for (const Block& block : folded(result.events).content)
    ids.push_back(block.id);
  REQUIRE(ids.size() == 4);
  CHECK(ids[0] == "toolu_g_abcdefgh");
  std::sort(ids.begin(), ids.end());
  CHECK(std::unique(ids.begin(), ids.end()) == ids.end());
  for (const std::string& id : ids)
    CHECK(id.starts_with("toolu_"));
}

}  // namespace
}  // namespace tollgate::dialects::gemini_generate
