// A header of the program itself, named like one of the library's.
#pragma once

inline constexpr int own_loop = 7;
