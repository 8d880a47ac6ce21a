#pragma once

#include <span>
#include <string_view>

#include "config/draft.hpp"
#include "config/reading.hpp"

namespace tollgate::config {

/// A kind of document and its reader; provider accounts are listed in account_types.hpp instead. To
/// add one: a file read_<kind>.cpp, a line in the table of document_types.cpp. A reader takes the
/// keys it knows; `type` is taken already, and the caller reports what is left.
struct DocumentType {
  std::string_view type;
  void (*read)(StrictMapping& document, Draft& draft);
};

std::span<const DocumentType> document_types();

/// Reads one document into the draft.
void read_document(Reading& reading, const Node& root, Draft& draft);

void read_server(StrictMapping& document, Draft& draft);
void read_user(StrictMapping& document, Draft& draft);
void read_team(StrictMapping& document, Draft& draft);
void read_virtual_account(StrictMapping& document, Draft& draft);
void read_identity_provider(StrictMapping& document, Draft& draft);
void read_virtual_models(StrictMapping& document, Draft& draft);
void read_lone_virtual_model(StrictMapping& document, Draft& draft);
void read_routing_rules(StrictMapping& document, Draft& draft);
void read_global_settings(StrictMapping& document, Draft& draft);
void read_price_list(StrictMapping& document, Draft& draft);
void read_budgets_v1(StrictMapping& document, Draft& draft);
void read_tenant_budget(StrictMapping& document, Draft& draft);
void read_team_budget(StrictMapping& document, Draft& draft);
void read_rate_limits_v1(StrictMapping& document, Draft& draft);
void read_model_rate_limit(StrictMapping& document, Draft& draft);
void read_mcp_rate_limit(StrictMapping& document, Draft& draft);
void read_notification_channel(StrictMapping& document, Draft& draft);
void read_metadata_config(StrictMapping& document, Draft& draft);
void read_role(StrictMapping& document, Draft& draft);
void read_role_binding(StrictMapping& document, Draft& draft);

/// Takes `identity_provider_mapping` of a team or a virtual account.
std::vector<ClaimUse> read_claim_mappings(StrictMapping& holder);

}  // namespace tollgate::config
