#include <algorithm>

#include "config/load.hpp"
#include "fuzz/check.hpp"

// No text makes the loader do more than refuse: a configuration comes exactly when there is no
// error, findings are lines in the text's order, and no value of a reference is in any of them.

namespace {

using tollgate::config::Diagnostic;
using tollgate::config::LoadResult;
using tollgate::config::ReferenceKind;
using tollgate::config::Severity;
using tollgate::fuzz::check;

constexpr std::string_view kCanary = "planted-canary-0";

bool answer(ReferenceKind, std::string_view name, std::string& value) {
  if (name.ends_with('0')) return false;
  value = kCanary;
  return true;
}

void check_findings(const LoadResult& result, std::string_view text) {
  const bool canary_in_text = text.find(kCanary) != std::string_view::npos;
  const Diagnostic* last = nullptr;
  for (const Diagnostic& one : result.diagnostics) {
    check(one.line >= 1 && one.column >= 1);
    check(last == nullptr || last->line < one.line ||
          (last->line == one.line && last->column <= one.column));
    last = &one;
    const std::string line = to_line(one);
    check(std::none_of(line.begin(), line.end(),
                       [](char c) { return static_cast<unsigned char>(c) < ' '; }));
    check(canary_in_text || line.find(kCanary) == std::string::npos);
  }
}

void check_tables(const tollgate::config::Configuration& loaded) {
  const size_t models = loaded.catalog.integrations().size();
  check(loaded.version.size() == 16);
  check(loaded.account_grants.size() == loaded.accounts.size());
  check(loaded.integration_grants.size() == models);
  check(loaded.prices.size() == models);
  for (const auto& model : loaded.catalog.integrations()) {
    check(model.account < loaded.accounts.size());
    check(model.account_name == loaded.accounts[model.account].name);
    if (model.is_wildcard()) continue;
    const auto found = loaded.catalog.resolve(model.account_name + "/" + model.name);
    check(found.resolution == tollgate::router::Resolution::kFound);
    check(found.target.model_id == model.model_id);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = tollgate::fuzz::text_of(data, size);
  const tollgate::Time now{0, 1'795'338'000'000};
  const LoadResult result = tollgate::config::load(text, "fuzz.yaml", answer, now);
  const bool errors =
      std::any_of(result.diagnostics.begin(), result.diagnostics.end(),
                  [](const Diagnostic& one) { return one.severity == Severity::kError; });
  check(errors == (result.configuration == nullptr));
  check_findings(result, text);
  if (result.configuration) check_tables(*result.configuration);
  return 0;
}
