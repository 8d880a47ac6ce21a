#include "config/names.hpp"

#include <algorithm>
#include <utility>

namespace tollgate::config {
namespace {

constexpr std::string_view kRole = "role:";

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Reports what is no subject that this version can match.
bool check_subject(Reading& reading, const Value& value, std::string_view subject) {
  if (subject == "*") return true;
  for (const std::string_view kind :
       {"user:", "team:", "virtualaccount:", "virtual-account:", "serviceaccount:"}) {
    if (subject.starts_with(kind) && is_plain_name(subject.substr(kind.size()))) return true;
  }
  if (subject.starts_with(kRole) && is_role_name(subject.substr(kRole.size()))) return true;
  for (const std::string_view kind : {"external-identity:", "agent-identity:"}) {
    if (!subject.starts_with(kind)) continue;
    reading.report.error(value.place(), "subjects of the kind " + std::string(kind) +
                                            " are not supported by this version of tollgate");
    return false;
  }
  const bool bare = subject.find(':') == std::string_view::npos && is_plain_name(subject);
  reading.report.error(
      value.place(), "must be user:NAME, team:NAME, virtualaccount:NAME, role:NAME or \"*\"",
      bare ? (value.node->text.find('@') == std::string::npos ? "team:" : "user:") +
                 shown(value.node->text)
           : std::string());
  return false;
}

void add_subject(Reading& reading, const Value& value, policy::Grants& grants, Draft& draft) {
  std::optional<std::string> subject = read_string(reading, value);
  if (!subject || !check_subject(reading, value, *subject)) return;
  draft.subjects.push_back({*subject, value.place()});
  append_subject(draft, std::move(*subject), grants.subjects);
}

/// An empty list means everyone, as no list does: whoever wrote it may have meant nobody.
void warn_when_empty(Reading& reading, const Value& value) {
  if (value.node->kind == NodeKind::kSequence && value.node->first_child == kNoNode) {
    reading.report.warning(value.place(),
                           "an empty list is as no list: everyone who authenticates has access");
  }
}

}  // namespace

bool is_role_name(std::string_view name) {
  const auto is_small = [](char c) { return c >= 'a' && c <= 'z'; };
  return name.size() >= 3 && name.size() <= 35 && is_small(name.front()) && name.back() != '-' &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return is_small(c) || is_digit(c) || c == '-'; });
}

void append_subject(const Draft& draft, std::string subject, std::vector<std::string>& out) {
  const auto bound = subject.starts_with(kRole)
                         ? draft.roles.find(std::string_view(subject).substr(kRole.size()))
                         : draft.roles.end();
  if (bound != draft.roles.end()) out.insert(out.end(), bound->second.begin(), bound->second.end());
  out.push_back(std::move(subject));
}

bool is_account_name(std::string_view name) {
  return name.size() >= 3 && name.size() <= 64 && !is_digit(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return is_letter(c) || is_digit(c) || c == '-'; });
}

bool is_plain_name(std::string_view name, size_t most) {
  return !name.empty() && name.size() <= most && std::all_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) > ' ' && c != '\x7f';
  });
}

std::optional<ReadName> read_name(StrictMapping& document) {
  const std::optional<Value> value = document.require("name");
  if (!value) return std::nullopt;
  std::optional<std::string> name = read_string(document.reading(), *value);
  if (!name) return std::nullopt;
  if (!is_plain_name(*name)) {
    document.reading().report.error(value->place(), "must be 1 to 256 characters without spaces");
    return std::nullopt;
  }
  return ReadName{std::move(*name), value->place()};
}

policy::Grants read_subject_list(Reading& reading, const Value& list, Draft& draft) {
  policy::Grants grants;
  for (const Value& item : read_list(reading, list))
    add_subject(reading, item, grants, draft);
  return grants;
}

policy::Grants read_subjects(StrictMapping& holder, Draft& draft) {
  const std::optional<Value> list = holder.take("authorized_subjects");
  if (!list) return {};
  warn_when_empty(holder.reading(), *list);
  return read_subject_list(holder.reading(), *list, draft);
}

policy::Grants read_collaborators(StrictMapping& account, Draft& draft) {
  policy::Grants grants;
  const std::optional<Value> list = account.take("collaborators");
  if (!list) return grants;
  warn_when_empty(account.reading(), *list);
  for (const Value& item : read_list(account.reading(), *list)) {
    StrictMapping collaborator(account.reading(), item);
    const std::optional<Value> subject = collaborator.require("subject");
    if (subject) add_subject(account.reading(), *subject, grants, draft);
    if (collaborator.valid()) {
      collaborator.choice("role_id", {"provider-account-access", "provider-account-manager"});
    }
    collaborator.done();
  }
  return grants;
}

}  // namespace tollgate::config
