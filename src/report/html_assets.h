// SPDX-License-Identifier: GPL-2.0
/// The files of src/report/html, embedded when the program is built (cmake/Embed.cmake).
#pragma once

#include <string_view>

namespace daxbreak::html {

extern const std::string_view page_template;  ///< page.html, with places for the rest
extern const std::string_view page_style;     ///< report.css
extern const std::string_view page_script;    ///< all scripts, in the order in which they need
                                              ///< each other

}  // namespace daxbreak::html
