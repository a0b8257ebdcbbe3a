// SPDX-License-Identifier: GPL-2.0
/// The report as one HTML file that needs nothing else: no other file, no network, no font.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "report/known.h"
#include "result/record.h"

namespace daxbreak {

/// The page: the run as data (html_data.h), a script that draws it, a style, and for readers
/// without scripts the report as text. Pure but for the registries that reproducer() looks into.
[[nodiscard]] std::string format_html(const RunRecord& run, const std::vector<KnownFinding>& known);

/// Text as it may stand in HTML's text and in quoted attributes.
[[nodiscard]] std::string html_text(std::string_view text);

/// JSON as it may stand inside a <script> element: without a sign that could end it or open a
/// comment. The same value to every parser of JSON.
[[nodiscard]] std::string script_json(std::string json);

/// A template with its places ("@@NAME@@") filled. What is filled in is not looked through again.
[[nodiscard]] std::string fill_places(
    std::string_view text,
    const std::vector<std::pair<std::string_view, std::string_view>>& places);

}  // namespace daxbreak
