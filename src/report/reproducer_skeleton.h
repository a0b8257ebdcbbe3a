// SPDX-License-Identifier: GPL-2.0
/// What all reproducers have in common, as C with the marks of fill_skeleton().
#pragma once

#include <string_view>

namespace daxbreak {

/// Flags of the pin: GATED it does I/O on `device`; REFUSED the kernel must refuse it; LOOSENS
/// there is such a recipe; OWN the breaker's own task takes it. Of the memory: WRITES the first
/// touch is a write; HOLE it lies in a hole; CLONE its block is a second file's too; HUGE 2 MiB
/// pages; PARTS the file has holes. Of the breaker: EARLY it must wait for the pin; MAYBE if it
/// takes the block; PARTNER it has a second file; UNNAMED its file has no name; LAST it has the
/// file's last reference; EXITS its call does not return; LEAVES nobody puts right what it changes.
/// Of the disturber: BEFORE, DURING there is such a recipe; DIES, INTERRUPTED it ends the breaker.
/// Besides: WITNESS a page outside the broken range is followed to the medium; FIEMAP, FS such a
/// header is needed.
extern const std::string_view reproducer_skeleton;

}  // namespace daxbreak
