/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef HAP_PS_H
#define HAP_PS_H

#include "HAP_user_pd.h"

#endif
