#include <stdio.h>

#include "capi/check.h"
#include "capi/suites.h"

const char* phase = "start";

int main(void) {
  values_suite();
  gateway_suite();
  exchange_suite();
  events_suite();
  background_suite();
  policy_suite();
  ledger_suite();
  waker_suite();
  mistakes_suite();
  printf("all phases passed\n");
  return 0;
}
