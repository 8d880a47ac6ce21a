#include "dialects/gemini_generate/schema_clean.hpp"
#include "fuzz/check.hpp"
#include "support/gemini_rules.hpp"

// Whatever a schema says, what comes of it is one that Gemini takes, in both forms.

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tollgate;
  using dialects::gemini_generate::SchemaCleaner;
  using dialects::gemini_generate::SchemaRules;
  if (size < 1) return 0;
  SchemaRules rules;
  rules.json_schema = (data[0] & 1U) != 0;
  rules.plain = (data[0] & 2U) != 0;
  rules.parameters = (data[0] & 4U) != 0;
  SchemaCleaner cleaner(rules);
  std::string out;
  if (!cleaner.clean(fuzz::text_of(data + 1, size - 1), out)) {
    fuzz::check(out.empty());
    return 0;
  }
  fuzz::check(test::gemini_schema_refusals(out, rules.json_schema).empty());
  model::Losses losses;
  cleaner.note_losses(losses);
  return 0;
}
