// SPDX-License-Identifier: GPL-2.0-only
/* Parameters of every usual kind.
 * preflight: clean - - load
 */
#include "corpus.h"

static int number = 3;
module_param(number, int, 0644);
static char *text;
module_param(text, charp, 0444);
static int numbers[4], nr_numbers;
module_param_array(numbers, int, &nr_numbers, 0644);
static char string[16];
module_param_string(string, string, sizeof(string), 0644);

static int __init corpus_init(void)
{
	return number + (text != NULL) + numbers[0] == 77;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
