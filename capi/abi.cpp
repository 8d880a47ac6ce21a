#include "tollgate/abi.h"

#include <cstring>

#include "tollgate/tollgate.h"

#define TG_TEXT_OF(x) #x
#define TG_TEXT(x) TG_TEXT_OF(x)

uint32_t tg_abi_version(void) {
  return TG_ABI_VERSION;
}

const char* tg_version_string(void) {
  return TG_TEXT(TG_VERSION_MAJOR) "." TG_TEXT(TG_VERSION_MINOR) "." TG_TEXT(TG_VERSION_PATCH);
}

size_t tg_struct_size(const char* name) {
  struct Row {
    const char* name;
    size_t size;
  };
  static constexpr Row kRows[] = {
      {"tg_bytes", sizeof(tg_bytes)},
      {"tg_time", sizeof(tg_time)},
      {"tg_action", sizeof(tg_action)},
      {"tg_gateway_options", sizeof(tg_gateway_options)},
      {"tg_exchange_options", sizeof(tg_exchange_options)},
      {"tg_ledger_balance", sizeof(tg_ledger_balance)},
  };
  if (name == nullptr) return 0;
  for (const Row& row : kRows) {
    if (std::strcmp(row.name, name) == 0) return row.size;
  }
  return 0;
}
