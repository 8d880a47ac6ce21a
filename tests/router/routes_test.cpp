#include "router/routes.hpp"

#include "router/hash.hpp"
#include "support/catch.hpp"

namespace tollgate::router {
namespace {

VirtualModel model_of(std::string group, std::string bare, std::string slug = {}) {
  VirtualModel model;
  model.name = group + "/" + bare;
  model.group = std::move(group);
  model.bare = std::move(bare);
  model.slug = std::move(slug);
  RouteTarget target;
  target.target.name = "a/b";
  model.routing.targets.push_back(std::move(target));
  return model;
}

TEST_CASE("models are found by full name and slug, and by bare name when only one has it") {
  const Routes routes = Routes::build(
      {model_of("one", "sonnet", "eng"), model_of("two", "sonnet"), model_of("two", "haiku")}, {});
  CHECK(routes.find("one/sonnet") == 0);
  CHECK(routes.find("eng") == 0);
  CHECK(routes.find("two/haiku") == 2);
  CHECK(routes.find("haiku") == Routes::kNone);
  CHECK(routes.find("") == Routes::kNone);
  CHECK(routes.find_bare("haiku") == 2);
  CHECK(routes.find_bare("sonnet") == Routes::kNone);
  CHECK(routes.models()[0].routing.targets[0].key == hash_text("a/b"));
  CHECK(routes.models()[0].routing.key != routes.models()[1].routing.key);
}

}  // namespace
}  // namespace tollgate::router
