#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/text_hash.hpp"
#include "model/principal.hpp"

namespace tollgate::policy {

/// A set of names. A name may hold "*" for any run of characters.
class NameSet {
 public:
  NameSet() = default;
  explicit NameSet(const std::vector<std::string>& names);

  bool contains(std::string_view name) const;
  bool empty() const { return few_.empty() && names_.empty() && patterns_.empty(); }

 private:
  /// So many are compared one by one sooner than a hash is made.
  static constexpr size_t kFew = 6;
  std::vector<std::string> few_;
  std::unordered_set<std::string, TextHash, std::equal_to<>> names_;  ///< When there are more.
  std::vector<std::string> patterns_;
};

/// True when `text` is what `pattern` describes; "*" in it stands for any run of characters.
bool matches_pattern(std::string_view pattern, std::string_view text);

/// `in` and `not_in` of one thing. Without `in`, everything that is not excluded passes.
struct Filter {
  bool has_in = false;
  NameSet in;
  NameSet not_in;

  bool passes(std::string_view name) const {
    return (!has_in || in.contains(name)) && !not_in.contains(name);
  }
};

/// Names under which a target is known to rules: what the client asked for, the virtual model
/// behind that name, and the model that would serve.
struct TargetNames {
  std::string_view requested;
  std::string_view virtual_model;  ///< Empty when there is none.
  std::string_view target;         ///< "account/integration".
  std::string_view account;
};

/// Which requests a rule is about. All parts must pass.
struct Selector {
  std::vector<std::string> subjects;  ///< "user:…", "team:…", "*": any of them; empty: everyone.
  Filter users;
  Filter teams;
  Filter virtual_accounts;
  bool has_models = false;
  Filter models;
  bool has_accounts = false;
  Filter accounts;
  std::vector<std::pair<std::string, Filter>> metadata;

  /// Of `users`, `teams` and `virtual_accounts` any `in` is enough, and no `not_in` may match.
  bool matches_principal(const model::Principal& principal) const;
  bool matches_metadata(const model::Metadata& values) const;
  bool matches_target(const TargetNames& names) const;
};

/// The value of a key; empty when it is not there.
std::string_view metadata_value(const model::Metadata& values, std::string_view key);

}  // namespace tollgate::policy
