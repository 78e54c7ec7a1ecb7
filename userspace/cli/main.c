/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Apart from haltblk.c so that unit tests can link the rest.
 */
#include "cli.h"

int main(int argc, char **argv)
{
	return hbc_main(argc, argv);
}
