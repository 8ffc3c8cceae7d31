/* SPDX-License-Identifier: MIT */
/*
 * The pages of somebody who signs in on another screen: enter its code, look at what asked, and
 * what came of it. A link may carry the code; nothing but a POST decides anything, or counts.
 */
#include "exchange/form.h"
#include "flow/device_grant.h"
#include "flow/handlers.h"
#include "flow/next.h"
#include "flow/show.h"

/* --- enter the code ------------------------------------------------------------------------- */

static enum lk_err
enter_page(struct show *show, enum lk_err err)
{
	enum lk_err form_err = show_form(show, JOB_NONE);

	if (form_err != LK_OK)
		return form_err;
	return err == LK_OK ? show_page(show, PAGE_device, 200)
			    : show_again(show, PAGE_device, err);
}

/* What was guessed wrong is counted here, and where it is answered. */
enum lk_err
device_typed_run(struct flow *flow, const struct req *req, const struct store_answer *stored,
		 struct res *res)
{
	struct lk_str typed = req->field[FIELD_user_code], path;
	struct device_found found;
	struct asker asker;
	struct show show;
	enum lk_err err;

	show_begin(&show, flow->fast, req, stored, res);
	if (typed.len == 0)
		return enter_page(&show, LK_E_DEVICE_EMPTY);
	asker_of_req(flow, req, &asker);
	err = device_find(&asker, &stored->session, typed, &found);
	if (err != LK_OK)
		return enter_page(&show, err);
	if (found.device.state != STORE_DEVICE_PENDING)
		return show_way(res, req->arena, DEVICE_DONE_PATH);
	path = device_path(&asker, &found);
	return path.ptr == NULL ? LK_E_MEMORY : show_way(res, req->arena, path.ptr);
}

/* --- look at what asked --------------------------------------------------------------------- */

static bool
is_near(const struct show *show, const struct store_device *device)
{
	return lk_str_is_equal(device->address, show->req->address);
}

static enum lk_err
check_page(struct show *show, const struct asker *asker, const struct device_found *found)
{
	const struct store_device *device = &found->device;
	struct lk_str shown = token_user_code_show(found->code, show->req->arena);
	enum lk_err err = show_form(show, JOB_NONE);

	if (err != LK_OK || shown.ptr == NULL)
		return err == LK_OK ? LK_E_MEMORY : err;
	show_application(show, device->client_id);
	page_set(&show->values, PLACE_here, device_path(asker, found));
	page_set(&show->values, PLACE_username, show->stored->session.username);
	page_set(&show->values, PLACE_user_code, shown);
	page_set(&show->values, PLACE_host, device->host);
	page_set(&show->values, PLACE_address, device->address);
	page_set_c(&show->values, PLACE_is_near, is_near(show, device) ? "yes" : NULL);
	page_set(&show->values, PLACE_time, show_time(show, device->asked_at_s));
	page_set(&show->values, PLACE_heading,
		 show_sentence(show, device->host.len > 0 ? TEXT_device_check_host
							  : TEXT_device_check_application));
	return show_page(show, PAGE_device_check, 200);
}

/* Whoever is not signed in comes back here, with the code if there was one. */
static enum lk_err
signin_way(const struct req *req, struct lk_str typed, struct res *res)
{
	struct lk_str path =
	    lk_arena_printf(req->arena, "/signin?next=%s", device_path_find(typed, req->arena));

	return path.ptr == NULL ? LK_E_MEMORY : show_way(res, req->arena, path.ptr);
}

/* A link of nobody's: as if its code had been typed, and not sent. */
static enum lk_err
typed_page(struct show *show, const struct device_link *link)
{
	struct lk_str shown = token_user_code_show(link->code, show->req->arena);

	page_set(&show->values, PLACE_user_code, shown);
	return shown.ptr == NULL ? LK_E_MEMORY : enter_page(show, LK_OK);
}

static enum lk_err
linked_page(struct show *show, struct flow *flow, const struct device_link *link)
{
	struct device_found found;
	struct asker asker;
	enum lk_err err;

	asker_of_req(flow, show->req, &asker);
	err = device_see(&asker, &show->stored->session, link, &found);
	if (err == LK_E_NOT_FOUND)
		return typed_page(show, link);
	if (err != LK_OK)
		return enter_page(show, err);
	if (found.device.state != STORE_DEVICE_PENDING)
		return show_way(show->res, show->req->arena, DEVICE_DONE_PATH);
	return check_page(show, &asker, &found);
}

enum lk_err
device_page_run(struct flow *flow, const struct req *req, const struct store_answer *stored,
		struct res *res)
{
	struct lk_str text = {NULL, 0};
	struct device_link link;
	struct show show;

	(void)form_query_find(req->arena, req->query, "user_code", &text);
	if (!stored->has_session)
		return signin_way(req, text, res);
	show_begin(&show, flow->fast, req, stored, res);
	if (text.len == 0)
		return enter_page(&show, LK_OK);
	if (!device_link_read(text, &link))
		return enter_page(&show, LK_E_DEVICE_WRONG);
	return linked_page(&show, flow, &link);
}

/* --- what came of it ------------------------------------------------------------------------ */

enum lk_err
device_done_page_answer(const struct fast *fast, const struct req *req,
			const struct store_answer *stored, struct res *res)
{
	const struct store_journey *journey = &stored->journey;
	struct show show;

	if (!steps_is_at(stored, STATE_DONE) ||
	    !lk_str_is_equal(journey->person_id, stored->session.person_id))
		return show_way(res, req->arena, DEVICE_PATH);
	show_begin(&show, fast, req, stored, res);
	page_set(&show.values, PLACE_reference, journey->reference);
	return show_page(&show, journey->result == LK_OK ? PAGE_device_done : PAGE_device_denied,
			 200);
}
