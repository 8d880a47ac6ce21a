#pragma once

#include "config/account_reading.hpp"
#include "config/cost.hpp"

namespace tollgate::config {

/// What the models of one account share while they are read.
struct ModelReading {
  Reading& reading;
  Draft& draft;
  const AccountType& type;
  const AccountDraft& account;
  Discount discount;
};

/// Reads one item of `integrations`.
IntegrationDraft read_model(ModelReading& context, const Value& item);

}  // namespace tollgate::config
