#include "config/account_types.hpp"

namespace tollgate::config {
namespace {

std::vector<AccountType> all() {
  std::vector<AccountType> types;
  for (const auto family :
       {anthropic_accounts, bedrock_accounts, google_accounts, openai_accounts, azure_accounts}) {
    for (const AccountType& type : family())
      types.push_back(type);
  }
  return types;
}

}  // namespace

const std::vector<AccountType>& account_types() {
  static const std::vector<AccountType> types = all();
  return types;
}

}  // namespace tollgate::config
