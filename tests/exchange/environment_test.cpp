#include "exchange/environment.hpp"

#include <set>
#include <string>

#include "support/catch.hpp"

namespace tollgate::exchange {
namespace {

TEST_CASE("ids are drawn from the seed, each once") {
  Environment first;
  Environment second;
  Environment other;
  first.seed_high = second.seed_high = 1;
  other.seed_high = 2;
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = first.make_id("req_");
    CHECK(id == second.make_id("req_"));
    CHECK(id.size() == 26);
    CHECK(seen.insert(id).second);
    CHECK(seen.insert(other.make_id("req_")).second);
  }
}

TEST_CASE("a parser is lent and taken back") {
  DocumentPool pool;
  const json::Document* first = nullptr;
  {
    const DocumentPool::Loan loan = pool.borrow();
    first = &*loan;
    const DocumentPool::Loan another = pool.borrow();
    CHECK(&*another != first);
  }
  const DocumentPool::Loan again = pool.borrow();
  CHECK((*again).parse("[1]").ok());
}

TEST_CASE("a parser that grew too large is not kept") {
  DocumentPool pool;
  {
    const DocumentPool::Loan loan = pool.borrow();
    REQUIRE((*loan).parse("\"" + std::string(4'000'000, 'x') + "\"").ok());
    CHECK((*loan).memory() > 4'000'000);
  }
  const DocumentPool::Loan next = pool.borrow();
  CHECK((*next).memory() < 4'000'000);
}

TEST_CASE("records wait in order, and above the bound the oldest go") {
  AbandonedRecords records;
  for (size_t i = 0; i < limits::kAbandonedRecordsMax + 2; ++i)
    records.put(std::to_string(i));
  CHECK(records.lost() == 2);
  std::string record;
  REQUIRE(records.take(record));
  CHECK(record == "2");
}

TEST_CASE("a waker without a host does nothing") {
  const Waker waker;
  waker(7);
  SUCCEED();
}

}  // namespace
}  // namespace tollgate::exchange
