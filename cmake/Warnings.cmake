# SPDX-License-Identifier: GPL-2.0
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-missing-field-initializers
                    -Werror)
# -Wmissing-field-initializers is off: designated initialisers leave fields to their defaults.
