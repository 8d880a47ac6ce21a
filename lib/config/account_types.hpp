#pragma once

#include <vector>

#include "config/account_reading.hpp"

namespace tollgate::config {

/// Every account type, in the order in which messages name them. Each family has a file
/// read_<family>_account.cpp and a line in account_types.cpp.
const std::vector<AccountType>& account_types();

std::vector<AccountType> anthropic_accounts();
std::vector<AccountType> bedrock_accounts();
std::vector<AccountType> google_accounts();
std::vector<AccountType> openai_accounts();
std::vector<AccountType> azure_accounts();

}  // namespace tollgate::config
