#include "dialects/openai_responses/request_parts.hpp"

#include "support/catch.hpp"

namespace tollgate::dialects::openai_responses {
namespace {

TEST_CASE("JSON is made compact without touching its texts") {
  const std::pair<const char*, const char*> rows[] = {
      {"", "{}"},
      {"{}", "{}"},
      {"{ \"a\" : [ 1 ,\n\t2 ] }", R"({"a":[1,2]})"},
      {R"({ "a b": " \" c  \\" , "d" : 1 })", R"({"a b":" \" c  \\","d":1})"},
      {R"({"a":"\\"   })", R"({"a":"\\"})"},
  };
  for (const auto& [json, short_form] : rows)
    CHECK(compact(json) == short_form);
}

struct ReasoningRow {
  const char* name;
  model::ThinkingKind thinking;
  std::string effort;
  std::string display;
  std::vector<std::string> efforts;
  std::optional<bool> can;
  bool unasked;
  bool ask;
  std::string sent;
  bool summary;
  bool carry;
  bool reasons;
};

TEST_CASE("the model is asked to think as the client wishes and as it can") {
  using model::ThinkingKind;
  const std::vector<std::string> low_to_high = {"low", "medium", "high"};
  const std::vector<std::string> with_none = {"none", "low", "medium", "high"};
  const ReasoningRow rows[] = {
      {"no wish, a model that can stop", ThinkingKind::kUnset, "", "", with_none, true, true, true,
       "none", false, false, false},
      {"no wish, a model that cannot", ThinkingKind::kUnset, "", "", low_to_high, true, true, true,
       "low", false, false, true},
      {"adaptive", ThinkingKind::kAdaptive, "", "", low_to_high, true, true, true, "", true, true,
       true},
      {"adaptive without text", ThinkingKind::kAdaptive, "", "omitted", low_to_high, true, true,
       false, "", false, true, true},
      {"adaptive, high", ThinkingKind::kAdaptive, "high", "", low_to_high, true, true, true, "high",
       true, true, true},
      {"above what it can", ThinkingKind::kAdaptive, "max", "", low_to_high, true, true, true,
       "high", true, true, true},
      {"a model that does not",
       ThinkingKind::kAdaptive,
       "high",
       "",
       {},
       false,
       false,
       false,
       "",
       false,
       false,
       false},
      {"a model nobody knows",
       ThinkingKind::kAdaptive,
       "",
       "",
       {},
       {},
       false,
       true,
       "",
       true,
       true,
       false},
      {"nothing known, nothing wished",
       ThinkingKind::kUnset,
       "",
       "",
       {},
       {},
       false,
       false,
       "",
       false,
       false,
       false},
  };
  for (const ReasoningRow& row : rows) {
    INFO(row.name);
    Translation translation;
    translation.facts.efforts = row.efforts;
    translation.facts.thinking = row.can;
    translation.facts.thinks_unasked = row.unasked;
    model::Request request;
    request.thinking.kind = row.thinking;
    request.thinking.display = row.display;
    request.effort = row.effort;
    const ReasoningPlan plan = plan_reasoning(request, translation);
    CHECK(plan.ask == row.ask);
    CHECK(plan.effort == row.sent);
    CHECK(plan.summary == row.summary);
    CHECK(plan.carry == row.carry);
    CHECK(plan.reasons == row.reasons);
    CHECK(translation.thinking_wanted == (row.thinking != ThinkingKind::kUnset));
    CHECK(translation.thinking_omitted == (row.display == "omitted"));
  }
}

TEST_CASE("lessons change what is asked for") {
  model::Request request;
  request.thinking.kind = model::ThinkingKind::kAdaptive;
  request.effort = "max";
  Translation translation;
  translation.facts.efforts = {"low", "max"};
  translation.lessons = {{model::LessonKind::kEfforts, "low,medium"},
                         {model::LessonKind::kDropField, "reasoning.summary"}};
  ReasoningPlan plan = plan_reasoning(request, translation);
  CHECK(plan.effort == "medium");
  CHECK_FALSE(plan.summary);
  CHECK(plan.carry);
  translation.lessons = {{model::LessonKind::kDropField, "reasoning"}};
  plan = plan_reasoning(request, translation);
  CHECK_FALSE(plan.ask);
  CHECK_FALSE(plan.carry);
}

std::string identity(const std::string& user_id, const std::string& session) {
  model::Request request;
  request.user_id = user_id;
  Translation translation;
  translation.session_id = session;
  std::string out;
  json::Writer writer(out);
  writer.begin_object();
  write_identity(request, translation, writer);
  writer.end_object();
  return out;
}

TEST_CASE("who asks is told as a hash that stays the same, the session as it is") {
  const std::string one = identity("user_ab_account_cd_session_1", "s-1");
  CHECK(one.find("user_ab") == std::string::npos);
  CHECK(one.find("\"prompt_cache_key\":\"s-1\"") != std::string::npos);
  const std::string begin = one.substr(0, one.find(",\"prompt"));
  CHECK(begin.size() == std::string(R"({"safety_identifier":"")").size() + 64);
  CHECK(identity("user_ab_account_cd_session_2", "s-2").starts_with(begin));
  CHECK_FALSE(identity("user_xx_account_cd_session_1", "s-1").starts_with(begin));
  const auto json_of = [](const char* session) {
    return std::string(R"({"device_id":"d","account_uuid":"a","session_id":")") + session + "\"}";
  };
  const std::string other = identity(json_of("1"), "s-1");
  CHECK(identity(json_of("2"), "s-1") == other);
  CHECK(identity("", "") == "{}");
  CHECK(identity("", std::string(65, 's')).size() ==
        std::string(R"({"prompt_cache_key":""})").size() + 64);
}

TEST_CASE("servers without these fields are not told them") {
  model::Request request;
  request.user_id = "someone";
  Translation translation;
  translation.session_id = "s-1";
  std::string out;
  json::Writer writer(out);
  translation.lessons = {{model::LessonKind::kDropField, "safety_identifier"},
                         {model::LessonKind::kDropField, "prompt_cache_key"}};
  write_identity(request, translation, writer);
  translation.lessons.clear();
  translation.traits.identity_fields = false;
  write_identity(request, translation, writer);
  CHECK(out.empty());
}

}  // namespace
}  // namespace tollgate::dialects::openai_responses
