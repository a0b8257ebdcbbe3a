// SPDX-License-Identifier: GPL-2.0
#include "report/html_strings.h"

namespace daxbreak::html {

std::size_t StringTable::number(std::string_view text) {
  const auto at = numbers_.find(text);
  if (at != numbers_.end()) return at->second;
  numbers_.emplace(text, texts_.size());
  texts_.emplace_back(text);
  return texts_.size() - 1;
}

std::size_t ShapeTable::number(const EventShape& shape) {
  const auto [at, fresh] = numbers_.emplace(shape, shapes_.size());
  if (fresh) shapes_.push_back(shape);
  return at->second;
}

Json ShapeTable::json() const {
  Json all = Json::array();
  for (const EventShape& shape : shapes_) {
    Json one = Json::array({shape.kind, shape.detail, shape.task, shape.page});
    while (one.size() > 1 && one.back() == 0)
      one.erase(one.size() - 1);
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace daxbreak::html
