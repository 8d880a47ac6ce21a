#include "dialects/gemini_generate/signatures.hpp"

#include <array>

#include "dialects/carriage.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"

namespace tollgate::dialects::gemini_generate {
namespace {

struct PlaceName {
  SignedPart part;
  std::string_view kind;
  std::string_view on;
};

constexpr std::array<PlaceName, 4> kPlaces = {{
    {SignedPart::kNextCall, "f", "next"},
    {SignedPart::kNextText, "t", "next"},
    {SignedPart::kOwnText, "t", "self"},
    {SignedPart::kThought, "t", "thought"},
}};

}  // namespace

std::string seal_signature(const Translation& translation, SignedPart part,
                           std::string_view signature) {
  Carriage carriage;
  carriage.target = translation.target;
  carriage.credential_tag = translation.credential_tag;
  for (const PlaceName& row : kPlaces) {
    if (row.part != part) continue;
    carriage.kind = row.kind;
    json::Writer(carriage.payload).member("on", row.on);
  }
  json::Writer more(carriage.payload);
  carriage.payload += ',';
  more.member("signature", signature);
  return seal_carriage(carriage);
}

std::optional<CarriedSignature> open_signature(const Translation& translation,
                                               std::string_view field) {
  if (model::find_lesson(translation.lessons, model::LessonKind::kDropReasoning) != nullptr) {
    return std::nullopt;
  }
  const std::optional<Carriage> carriage = open_carriage(field);
  if (!carriage || carriage->target != translation.target ||
      carriage->credential_tag != translation.credential_tag) {
    return std::nullopt;
  }
  json::Document document;
  const auto payload = document.parse("{" + carriage->payload + "}");
  if (!payload.ok()) return std::nullopt;
  const std::string_view on = payload.value()["on"].string_or("");
  const std::string_view signature = payload.value()["signature"].string_or("");
  for (const PlaceName& row : kPlaces) {
    if (row.kind == carriage->kind && row.on == on && !signature.empty()) {
      return CarriedSignature{row.part, std::string(signature)};
    }
  }
  return std::nullopt;
}

}  // namespace tollgate::dialects::gemini_generate
