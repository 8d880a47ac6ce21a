#include "drivers/curl/trust.hpp"

#include <fstream>
#include <thread>

#include "drivers/certificates.hpp"
#include "support/catch.hpp"

using namespace tollgate::curl_driver;
using tollgate::test::Certificates;

TEST_CASE("trust: a file is parsed once, whoever asks and from whatever thread") {
  Certificates files;
  files.make("ca");
  TrustStores stores;
  std::vector<TrustStore> got(8);
  std::vector<std::thread> threads;
  for (TrustStore& store : got) {
    threads.emplace_back([&] { store = stores.get(files.cert("ca")); });
  }
  for (std::thread& thread : threads)
    thread.join();
  for (const TrustStore& store : got)
    CHECK(store.get() == got.front().get());
  CHECK(got.front() != nullptr);
  CHECK(stores.loads() == 1);
}

TEST_CASE("trust: a store goes with its last user, the system's stays") {
  Certificates files;
  files.make("ca");
  TrustStores stores;
  stores.get(files.cert("ca"));
  stores.get(files.cert("ca"));
  CHECK(stores.loads() == 2);
  REQUIRE(stores.get("") != nullptr);
  REQUIRE(stores.get("") != nullptr);
  CHECK(stores.loads() == 3);
}

TEST_CASE("trust: files without certificates are refused, and asked again") {
  Certificates files;
  TrustStores stores;
  CHECK(stores.get(files.cert("absent")) == nullptr);
  std::ofstream(files.cert("late")) << "nothing\n";
  CHECK(stores.get(files.cert("late")) == nullptr);
  files.make("late");
  CHECK(stores.get(files.cert("late")) != nullptr);
}
