// SPDX-License-Identifier: GPL-2.0
/// What all reproducers have in common, as C with the marks of fill_skeleton().
#pragma once

#include <string_view>

namespace daxbreak {

/// Flags of the pin: GATED it does I/O on `device`; TO_PAGE that writes the page; REFUSED the
/// kernel must refuse it; LOOSENS there is such a recipe; TRANSIENT it holds for moments, so that
/// what is shown is a matter of chance; OWN the breaker's own task takes it. Of the memory: WRITES
/// the first touch is a write; HOLE it lies in a hole; CLONE its block is a second file's too;
/// CLONE_MAPPED which is mapped; HUGE 2 MiB pages; PARTS the file has holes. Of the breaker: MAYBE
/// it must wait for the pin if it takes the block; MAY_RETURN it need not wait in any case; PARTNER
/// it has a second file; UNNAMED its file has no name; LAST it has the file's last reference; EXITS
/// its call does not return; LEAVES nobody puts right what it changes. Of the disturber: BEFORE,
/// DURING there is such a recipe; DIES, INTERRUPTED it ends the breaker. Besides: WITNESS a page
/// outside the broken range is followed to the medium; BLOCK it must be known where the page lies;
/// TAKEN the block is given to another file if it was taken early; FS that header is needed.
extern const std::string_view reproducer_skeleton;

}  // namespace daxbreak
