/* SPDX-License-Identifier: MIT */
/* Build time only: the files named, of contrib/apps, as C for app_snippet.c. */
#include <stdio.h>
#include <string.h>

static const char *
name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

/* As numbers: no string may be as long. False: it cannot be read. */
static int
file_put(const char *path, int number)
{
	FILE *file = fopen(path, "re");
	int c;

	if (file == NULL)
		return 0;
	printf("static const char snippet_%d[] = {", number);
	for (int at = 0; (c = getc(file)) != EOF; at++)
		printf("%s%d,", at % 20 == 0 ? "\n\t" : " ", c < 128 ? c : c - 256);
	printf("\n\t0};\n");
	return fclose(file) == 0;
}

int
main(int argc, char **argv)
{
	printf("/* Made by mksnippet from contrib/apps. */\n");
	for (int i = 1; i < argc; i++)
		if (!file_put(argv[i], i)) {
			fprintf(stderr, "mksnippet: %s cannot be read\n", argv[i]);
			return 1;
		}
	printf("static const struct snippet snippets[] = {\n");
	for (int i = 1; i < argc; i++)
		printf("\t{\"%s\", snippet_%d},\n", name_of(argv[i]), i);
	printf("};\n");
	return fflush(stdout) == 0 ? 0 : 1;
}
