#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/draft.hpp"
#include "config/reading.hpp"

// Names and subjects: what they may look like.
namespace tollgate::config {

/// 3 to 64 letters, digits and hyphens, not starting with a digit.
bool is_account_name(std::string_view name);

/// What people, teams and models are called: no spaces or control characters, at most `most` bytes.
bool is_plain_name(std::string_view name, size_t most = 256);

/// The required `name` of a user, a team or a virtual account; reports one that is not plain.
struct ReadName {
  std::string name;
  Place place;
};
std::optional<ReadName> read_name(StrictMapping& document);

/// What the reference allows: ^[a-z][a-z0-9-]{1,33}[a-z0-9]$.
bool is_role_name(std::string_view name);
/// Adds a subject, and for a role those who have it. The role itself matches nobody; it stays, so
/// that a list of roles that nobody has is no empty one, which would mean everyone.
void append_subject(const Draft& draft, std::string subject, std::vector<std::string>& out);

/// Takes `authorized_subjects`: a list of subjects.
policy::Grants read_subjects(StrictMapping& holder, Draft& draft);
/// The subjects of a list.
policy::Grants read_subject_list(Reading& reading, const Value& list, Draft& draft);

/// Takes `collaborators`: a list of {subject, role_id}. Every role it knows may call the models.
policy::Grants read_collaborators(StrictMapping& account, Draft& draft);

}  // namespace tollgate::config
