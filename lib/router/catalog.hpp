#pragma once

// router/ turns the model a request names into ordered targets. Pure over immutable tables. May
// include base/ and model/.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/status.hpp"
#include "base/text_hash.hpp"
#include "model/model_facts.hpp"

namespace tollgate::router {

/// A model of one account, as `integrations[]` declares it.
struct Integration {
  uint32_t account = 0;  ///< Index into the configuration's accounts.
  std::string account_name;
  std::string name;      ///< "*" passes any model id of the account.
  std::string model_id;  ///< The upstream's name; empty for "*".
  std::string display_name;
  std::vector<std::string> model_types;
  /// What the model is known as where its id does not tell (a deployment's name); empty: its id.
  std::string known_as = {};
  std::string api = {};  ///< "responses", "chat", "invoke", "converse"; empty: the provider's own.
  std::string deployment = {};   ///< Azure.
  std::string api_version = {};  ///< Azure; empty: the account's.
  std::string region = {};       ///< Empty: the account's.
  /// Built-in facts with what the configuration says of this model. Of a wildcard: nothing; those
  /// of the id a request names are looked up then (providers::facts_of).
  model::ModelFacts facts = {};
  model::FactOverrides said = {};  ///< What the configuration says of it.

  bool is_wildcard() const { return name == "*"; }
};

/// A provider and model a route may pick.
struct Target {
  uint32_t integration = 0;  ///< Index into Catalog::integrations().
  std::string model_id;      ///< What the upstream is told.
  std::string name;          ///< "account/integration", for people and records.
};

enum class Resolution : uint8_t { kFound, kUnknown, kAmbiguous };

struct Resolved {
  Resolution resolution = Resolution::kUnknown;
  Target target;                          ///< kFound.
  std::vector<std::string> alternatives;  ///< kAmbiguous: full names to choose from.
};

/// All models by name. Immutable after build.
class Catalog {
 public:
  /// kInvalid when two integrations share a full name; its path is "integrations[i]".
  static Result<Catalog> build(std::vector<Integration> integrations);

  /// Finds `account/integration` (cut at the first slash), a bare integration name that exactly one
  /// account has, an account's wildcard, or the only wildcard for a bare name nobody has.
  Resolved resolve(std::string_view model) const;

  const std::vector<Integration>& integrations() const { return integrations_; }

 private:
  Target target_of(uint32_t integration, std::string_view wildcard_id) const;
  Resolved found(uint32_t integration, std::string_view wildcard_id) const;

  std::vector<Integration> integrations_;
  template <typename Value>
  using ByName = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;

  std::unordered_set<std::string, TextHash, std::equal_to<>> accounts_;
  ByName<uint32_t> by_full_name_;
  ByName<std::vector<uint32_t>> by_bare_name_;
  ByName<uint32_t> wildcard_by_account_;
  std::vector<uint32_t> wildcards_;
};

/// Up to `count` of `names` that look most like `name`, nearest first; none that is far off.
std::vector<std::string> near_names(std::string_view name, const std::vector<std::string>& names,
                                    size_t count);

}  // namespace tollgate::router
