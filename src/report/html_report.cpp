// SPDX-License-Identifier: GPL-2.0
#include "report/html_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/html_assets.h"
#include "report/html_data.h"
#include "report/matrix.h"
#include "report/tally.h"

namespace daxbreak {
namespace {

std::string title_of(const RunRecord& run) {
  std::string kernels;
  for (const std::string& kernel : kernels_of(run))
    kernels += (kernels.empty() ? "" : ", ") + kernel;
  std::string title = "daxbreak";
  if (!kernels.empty()) title += ": " + kernels;
  if (!run.started.empty()) title += fmt::format(" ({})", run.started.substr(0, 10));
  return title;
}

}  // namespace

std::string html_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else if (c == '\'')
      out += "&#39;";
    else
      out += c;
  }
  return out;
}

std::string script_json(std::string json) {
  // "<" occurs in strings only, and there it may be written by its number.
  std::string out;
  out.reserve(json.size());
  for (const char c : json)
    if (c == '<')
      out += "\\u003c";
    else
      out += c;
  return out;
}

std::string fill_places(std::string_view text,
                        const std::vector<std::pair<std::string_view, std::string_view>>& places) {
  constexpr std::string_view edge = "@@";
  std::string out;
  while (true) {
    const auto begin = text.find(edge);
    const auto end = begin == std::string_view::npos ? begin : text.find(edge, begin + 2);
    if (end == std::string_view::npos) return out.append(text);
    const std::string_view name = text.substr(begin + 2, end - begin - 2);
    const auto place = std::find_if(places.begin(), places.end(),
                                    [&](const auto& one) { return one.first == name; });
    out.append(text.substr(0, begin));
    out.append(place == places.end() ? text.substr(begin, end + 2 - begin) : place->second);
    text.remove_prefix(end + 2);
  }
}

std::string format_html(const RunRecord& run, const std::vector<KnownFinding>& known) {
  // What is not UTF-8 is replaced in both, so that the page is.
  const std::string data = script_json(
      html::run_json(run, known).dump(-1, ' ', false, html::Json::error_handler_t::replace));
  const std::string text = html_text(format_report(run, known, Style{.utf8 = true}));
  const std::string title = html_text(title_of(run));
  return fill_places(html::page_template, {{"TITLE", title},
                                           {"STYLE", html::page_style},
                                           {"SCRIPT", html::page_script},
                                           {"DATA", data},
                                           {"TEXT", text}});
}

}  // namespace daxbreak
