#include <cstdio>

#include "tollgate/tollgate.h"

int main() {
  tg_ledger* ledger = nullptr;
  if (tg_ledger_create(&ledger, nullptr) != TG_OK) return 1;
  tg_ledger_free(ledger);
  std::printf("C++ consumer of tollgate %s\n", tg_version_string());
  return 0;
}
