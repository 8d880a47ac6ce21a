#include <stdio.h>

#include "tollgate/curl.h"

int main(void) {
  tg_curl* curl = NULL;
  if (tg_curl_create(NULL, &curl, NULL) != TG_OK) return 1;
  tg_curl_free(curl);
  printf("curl driver\n");
  return 0;
}
