// Roles: names for subjects. A binding says who has which.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "config/document_types.hpp"
#include "config/names.hpp"
#include "config/reading.hpp"

namespace tollgate::config {
namespace {

constexpr std::string_view kSubjectKinds[] = {"user", "team", "virtualaccount",
                                              "external-identity"};
constexpr size_t kExternalIdentity = 3;

std::optional<std::string> read_role_name(StrictMapping& holder, std::string_view key) {
  const std::optional<Value> value = holder.require(key);
  if (!value) return std::nullopt;
  std::optional<std::string> name = read_string(holder.reading(), *value);
  if (!name || is_role_name(*name)) return name;
  holder.reading().report.error(
      value->place(),
      "must be 3 to 35 lower-case letters, digits and hyphens, a letter first and no hyphen last");
  return std::nullopt;
}

/// "user:…", "team:…" or "virtualaccount:…" of a {type, name}.
std::optional<std::string> read_bound_subject(Reading& reading, const Value& item, Draft& draft) {
  StrictMapping subject(reading, item);
  if (!subject.valid()) return std::nullopt;
  const std::optional<size_t> kind =
      subject.choice("type", {std::begin(kSubjectKinds), std::end(kSubjectKinds)});
  const std::optional<std::string> name = subject.require_string("name");
  subject.done();
  if (!kind || !name) return std::nullopt;
  if (*kind == kExternalIdentity || !is_plain_name(*name)) {
    reading.report.error(item.place(), *kind == kExternalIdentity
                                           ? "external identities have no roles in this version of "
                                             "tollgate: map them to a user, team or virtual account"
                                           : "is no name");
    return std::nullopt;
  }
  std::string full = std::string(kSubjectKinds[*kind]) + ":" + *name;
  draft.subjects.push_back({full, item.place()});
  return full;
}

void read_permission(Reading& reading, const Value& item, const std::vector<std::string>& subjects,
                     Draft& draft) {
  StrictMapping permission(reading, item);
  if (!permission.valid()) return;
  const std::string resource = permission.string("resourceType").value_or("tenant");
  static_cast<void>(permission.string("resourceFqn"));
  const std::optional<std::string> role = read_role_name(permission, "role");
  permission.done();
  if (!role) return;
  if (resource != "tenant") {
    reading.report.warning(item.place(),
                           "a binding grants nothing on a resource: who may call is said by "
                           "collaborators and authorized_subjects, which may name role:" +
                               *role);
  }
  std::vector<std::string>& bound = draft.roles[*role];
  for (const std::string& subject : subjects) {
    if (std::find(bound.begin(), bound.end(), subject) == bound.end()) bound.push_back(subject);
  }
}

}  // namespace

void read_role(StrictMapping& document, Draft& draft) {
  const std::optional<std::string> name = read_role_name(document, "name");
  for (const std::string_view key : {"display_name", "description", "resource_type"})
    static_cast<void>(document.string(key));
  if (const std::optional<Value> permissions = document.take("permissions")) {
    if (!read_strings(document.reading(), *permissions).empty()) {
      document.reading().report.warning(
          permissions->place(),
          "a role is a name for subjects here: its permissions are granted by collaborators and "
          "authorized_subjects alone");
    }
  }
  if (name) draft.roles.try_emplace(*name);
}

void read_role_binding(StrictMapping& document, Draft& draft) {
  Reading& reading = document.reading();
  document.take("name");
  std::vector<std::string> subjects;
  if (const std::optional<Value> list = document.require("subjects")) {
    for (const Value& item : read_list(reading, *list)) {
      if (auto subject = read_bound_subject(reading, item, draft)) {
        subjects.push_back(std::move(*subject));
      }
    }
  }
  if (const std::optional<Value> list = document.require("permissions")) {
    for (const Value& item : read_list(reading, *list))
      read_permission(reading, item, subjects, draft);
  }
}

}  // namespace tollgate::config
