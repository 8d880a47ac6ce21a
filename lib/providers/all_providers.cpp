#include <array>

#include "providers/anthropic/provider.hpp"
#include "providers/provider.hpp"

namespace tollgate::providers {

std::string Provider::auxiliary_key(const Account& /*account*/) const {
  return {};
}

Result<AuxiliaryCall> Provider::auxiliary(const Account& /*account*/, Time /*now*/) const {
  return Status(Code::kInternal, "this provider makes no auxiliary calls");
}

Result<AuxiliaryValue> Provider::read_auxiliary(uint32_t /*status*/, std::string_view /*body*/,
                                                Time /*now*/) const {
  return Status(Code::kInternal, "this provider makes no auxiliary calls");
}

const Provider* find_provider(std::string_view type) {
  const std::array all = {
      &anthropic_provider(),
  };
  for (const Provider* provider : all) {
    if (provider->type() == type) return provider;
  }
  return nullptr;
}

}  // namespace tollgate::providers
