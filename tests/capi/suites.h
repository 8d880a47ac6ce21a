/* One function for each file of tests; capi_main.c calls them all. */
#ifndef TOLLGATE_TESTS_CAPI_SUITES_H
#define TOLLGATE_TESTS_CAPI_SUITES_H

void values_suite(void);
void gateway_suite(void);
void exchange_suite(void);
void events_suite(void);
void background_suite(void);
void policy_suite(void);
void ledger_suite(void);
void waker_suite(void);
void mistakes_suite(void);

#endif
