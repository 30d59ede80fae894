CREATE TABLE company (
	id INTEGER NOT NULL, 
	"key" TEXT NOT NULL CONSTRAINT ck_company_key CHECK (key IN ('company')), 
	revision INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	legal_lines TEXT NOT NULL, 
	address TEXT NOT NULL, 
	currency TEXT NOT NULL, 
	locale TEXT NOT NULL, 
	sender_name TEXT NOT NULL, 
	erp_company TEXT NOT NULL, 
	posting_from TEXT, 
	posting_to TEXT, 
	cis_registered_ppm INTEGER NOT NULL, 
	cis_unregistered_ppm INTEGER NOT NULL, 
	CONSTRAINT pk_company PRIMARY KEY (id), 
	CONSTRAINT uq_company_key UNIQUE ("key")
)
 STRICT

;
CREATE TABLE admin (
	id INTEGER NOT NULL, 
	address TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	projects TEXT NOT NULL, 
	may TEXT NOT NULL, 
	limit_minor INTEGER, 
	currency TEXT, 
	CONSTRAINT pk_admin PRIMARY KEY (id), 
	CONSTRAINT uq_admin_address UNIQUE (address)
)
 STRICT

;
CREATE TABLE tax_code (
	id INTEGER NOT NULL, 
	code TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	description TEXT NOT NULL, 
	rate_ppm INTEGER NOT NULL, 
	kind TEXT NOT NULL CONSTRAINT ck_tax_code_kind CHECK (kind IN ('charged', 'reverse charge')), 
	CONSTRAINT pk_tax_code PRIMARY KEY (id), 
	CONSTRAINT uq_tax_code_code UNIQUE (code)
)
 STRICT

;
CREATE TABLE exchange_rate (
	id INTEGER NOT NULL, 
	from_currency TEXT NOT NULL, 
	to_currency TEXT NOT NULL, 
	dated_on TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	rate_e8 INTEGER NOT NULL, 
	CONSTRAINT pk_exchange_rate PRIMARY KEY (id), 
	CONSTRAINT uq_exchange_rate_from_currency_to_currency_dated_on UNIQUE (from_currency, to_currency, dated_on)
)
 STRICT

;
CREATE TABLE vendor (
	id INTEGER NOT NULL, 
	number TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	address TEXT NOT NULL, 
	erp_vendor TEXT NOT NULL, 
	cis_status TEXT CONSTRAINT ck_vendor_cis_status CHECK (cis_status IN ('gross', 'registered', 'unregistered')), 
	CONSTRAINT pk_vendor PRIMARY KEY (id), 
	CONSTRAINT uq_vendor_number UNIQUE (number)
)
 STRICT

;
CREATE TABLE outbox (
	id INTEGER NOT NULL, 
	purpose TEXT NOT NULL, 
	subject_type TEXT NOT NULL, 
	subject_id INTEGER NOT NULL, 
	subject_revision INTEGER NOT NULL, 
	recipient TEXT NOT NULL, 
	ordinal INTEGER NOT NULL, 
	message_id TEXT NOT NULL, 
	sha256 TEXT NOT NULL, 
	kind TEXT NOT NULL CONSTRAINT ck_outbox_kind CHECK (kind IN ('hint', 'decision')), 
	state TEXT NOT NULL CONSTRAINT ck_outbox_state CHECK (state IN ('pending', 'sending', 'sent', 'refused', 'unknown', 'withdrawn')), 
	revision INTEGER NOT NULL, 
	attempts INTEGER NOT NULL, 
	not_before TEXT NOT NULL, 
	next_try_at TEXT, 
	sent_at TEXT, 
	smtp_code INTEGER, 
	smtp_text TEXT, 
	resent INTEGER NOT NULL CONSTRAINT ck_outbox_resent CHECK (resent IN (0, 1)), 
	created_at TEXT NOT NULL, 
	CONSTRAINT pk_outbox PRIMARY KEY (id), 
	CONSTRAINT uq_outbox_purpose_subject_type_subject_id_subject_revision_recipient_ordinal UNIQUE (purpose, subject_type, subject_id, subject_revision, recipient, ordinal), 
	CONSTRAINT uq_outbox_message_id UNIQUE (message_id)
)
 STRICT

;
CREATE TABLE quarantine (
	id INTEGER NOT NULL, 
	item_type TEXT NOT NULL, 
	item_id INTEGER NOT NULL, 
	attempts INTEGER NOT NULL, 
	traceback TEXT NOT NULL, 
	at TEXT NOT NULL, 
	released_at TEXT, 
	CONSTRAINT pk_quarantine PRIMARY KEY (id)
)
 STRICT

;
CREATE TABLE payment_terms (
	id INTEGER NOT NULL, 
	code TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	description TEXT NOT NULL, 
	counted_from TEXT NOT NULL CONSTRAINT ck_payment_terms_counted_from CHECK (counted_from IN ('period end', 'billing date', 'received', 'approved')), 
	due TEXT NOT NULL, 
	notice TEXT NOT NULL, 
	final TEXT NOT NULL, 
	pay_less TEXT NOT NULL, 
	holidays TEXT NOT NULL, 
	CONSTRAINT pk_payment_terms PRIMARY KEY (id), 
	CONSTRAINT uq_payment_terms_code UNIQUE (code)
)
 STRICT

;
CREATE TABLE event (
	id INTEGER NOT NULL, 
	chain TEXT NOT NULL, 
	seq INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	what TEXT NOT NULL, 
	actor_type TEXT NOT NULL, 
	actor_id INTEGER, 
	subject_type TEXT NOT NULL, 
	subject_id INTEGER NOT NULL, 
	body TEXT NOT NULL, 
	prev TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	CONSTRAINT pk_event PRIMARY KEY (id), 
	CONSTRAINT uq_event_chain_seq UNIQUE (chain, seq)
)
 STRICT

;
CREATE TABLE chain_head (
	chain TEXT NOT NULL, 
	seq INTEGER NOT NULL, 
	hash TEXT NOT NULL, 
	CONSTRAINT pk_chain_head PRIMARY KEY (chain)
)
 STRICT

;
CREATE TABLE erp_batch (
	id INTEGER NOT NULL, 
	folder TEXT NOT NULL, 
	target TEXT NOT NULL, 
	company TEXT NOT NULL, 
	posts INTEGER NOT NULL CONSTRAINT ck_erp_batch_posts CHECK (posts IN (0, 1)), 
	state TEXT NOT NULL CONSTRAINT ck_erp_batch_state CHECK (state IN ('written', 'imported', 'voided', 'reversed')), 
	revision INTEGER NOT NULL, 
	created_at TEXT NOT NULL, 
	documents INTEGER NOT NULL, 
	lines INTEGER NOT NULL, 
	total_minor INTEGER NOT NULL, 
	retainage_minor INTEGER NOT NULL, 
	payable_minor INTEGER NOT NULL, 
	currency TEXT NOT NULL, 
	manifest_sha TEXT NOT NULL, 
	reverses_id INTEGER, 
	erp_number TEXT NOT NULL, 
	CONSTRAINT pk_erp_batch PRIMARY KEY (id), 
	CONSTRAINT uq_erp_batch_folder UNIQUE (folder), 
	CONSTRAINT fk_erp_batch_reverses_id FOREIGN KEY(reverses_id) REFERENCES erp_batch (id)
)
 STRICT

;
CREATE TABLE project (
	id INTEGER NOT NULL, 
	number TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	client_name TEXT NOT NULL, 
	location TEXT NOT NULL, 
	time_zone TEXT NOT NULL, 
	currency TEXT NOT NULL, 
	locale TEXT NOT NULL, 
	rounding TEXT NOT NULL CONSTRAINT ck_project_rounding CHECK (rounding IN ('half up', 'half even')), 
	tax_rounding TEXT NOT NULL CONSTRAINT ck_project_tax_rounding CHECK (tax_rounding IN ('by line', 'on total')), 
	cycle TEXT NOT NULL CONSTRAINT ck_project_cycle CHECK (cycle IN ('monthly', 'weekly', 'custom')), 
	first_start TEXT, 
	end_day INTEGER, 
	invite_offset INTEGER, 
	reminder_offsets TEXT NOT NULL, 
	due_offset INTEGER, 
	close_offset INTEGER, 
	invite_time TEXT NOT NULL, 
	due_time TEXT NOT NULL, 
	hold_answers INTEGER NOT NULL CONSTRAINT ck_project_hold_answers CHECK (hold_answers IN (0, 1)), 
	client_first INTEGER NOT NULL CONSTRAINT ck_project_client_first CHECK (client_first IN (0, 1)), 
	payment_terms_id INTEGER, 
	client_terms_id INTEGER, 
	default_invite_kind TEXT NOT NULL CONSTRAINT ck_project_default_invite_kind CHECK (default_invite_kind IN ('work', 'release', 'both', 'final')), 
	after_change TEXT NOT NULL CONSTRAINT ck_project_after_change CHECK (after_change IN ('issue again', 're-base')), 
	over_line TEXT NOT NULL CONSTRAINT ck_project_over_line CHECK (over_line IN ('block', 'warn', 'allow')), 
	over_change_order TEXT NOT NULL CONSTRAINT ck_project_over_change_order CHECK (over_change_order IN ('block', 'warn', 'allow')), 
	over_contract TEXT NOT NULL CONSTRAINT ck_project_over_contract CHECK (over_contract IN ('block', 'warn', 'allow')), 
	over_quantity TEXT NOT NULL CONSTRAINT ck_project_over_quantity CHECK (over_quantity IN ('block', 'warn', 'allow')), 
	backup TEXT NOT NULL CONSTRAINT ck_project_backup CHECK (backup IN ('block', 'warn', 'off')), 
	backup_above_minor INTEGER, 
	CONSTRAINT pk_project PRIMARY KEY (id), 
	CONSTRAINT uq_project_number UNIQUE (number), 
	CONSTRAINT fk_project_payment_terms_id FOREIGN KEY(payment_terms_id) REFERENCES payment_terms (id), 
	CONSTRAINT fk_project_client_terms_id FOREIGN KEY(client_terms_id) REFERENCES payment_terms (id)
)
 STRICT

;
CREATE TABLE register_import (
	id INTEGER NOT NULL, 
	sha256 TEXT NOT NULL, 
	admin_id INTEGER, 
	at TEXT NOT NULL, 
	added INTEGER NOT NULL, 
	changed INTEGER NOT NULL, 
	refused INTEGER NOT NULL, 
	CONSTRAINT pk_register_import PRIMARY KEY (id), 
	CONSTRAINT fk_register_import_admin_id FOREIGN KEY(admin_id) REFERENCES admin (id)
)
 STRICT

;
CREATE TABLE watched_file (
	id INTEGER NOT NULL, 
	sha256 TEXT NOT NULL, 
	admin_id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	state TEXT NOT NULL, 
	report TEXT NOT NULL, 
	at TEXT NOT NULL, 
	CONSTRAINT pk_watched_file PRIMARY KEY (id), 
	CONSTRAINT uq_watched_file_sha256_admin_id UNIQUE (sha256, admin_id), 
	CONSTRAINT fk_watched_file_admin_id FOREIGN KEY(admin_id) REFERENCES admin (id)
)
 STRICT

;
CREATE TABLE custom_period (
	id INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	revision INTEGER NOT NULL, 
	start_on TEXT NOT NULL, 
	end_on TEXT NOT NULL, 
	billing_on TEXT NOT NULL, 
	invite_on TEXT NOT NULL, 
	due_on TEXT NOT NULL, 
	close_on TEXT NOT NULL, 
	reminders TEXT NOT NULL, 
	CONSTRAINT pk_custom_period PRIMARY KEY (id), 
	CONSTRAINT uq_custom_period_project_id_number UNIQUE (project_id, number), 
	CONSTRAINT fk_custom_period_project_id FOREIGN KEY(project_id) REFERENCES project (id)
)
 STRICT

;
CREATE TABLE commitment (
	id INTEGER NOT NULL, 
	number TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	vendor_id INTEGER NOT NULL, 
	kind TEXT NOT NULL CONSTRAINT ck_commitment_kind CHECK (kind IN ('subcontract', 'purchase order')), 
	title TEXT NOT NULL, 
	status TEXT NOT NULL CONSTRAINT ck_commitment_status CHECK (status IN ('draft', 'approved', 'complete', 'terminated')), 
	billed_by TEXT NOT NULL CONSTRAINT ck_commitment_billed_by CHECK (billed_by IN ('invite', 'on behalf')), 
	currency TEXT NOT NULL, 
	retainage_work_ppm INTEGER NOT NULL, 
	retainage_stored_ppm INTEGER NOT NULL, 
	retainage_steps TEXT NOT NULL, 
	retainage_reach TEXT NOT NULL CONSTRAINT ck_commitment_retainage_reach CHECK (retainage_reach IN ('later work', 'all work')), 
	retainage_cap_ppm INTEGER, 
	retainage_cap_of TEXT NOT NULL CONSTRAINT ck_commitment_retainage_cap_of CHECK (retainage_cap_of IN ('original value', 'revised value')), 
	retainage_cap_amount_minor INTEGER, 
	retainage_rounding TEXT NOT NULL CONSTRAINT ck_commitment_retainage_rounding CHECK (retainage_rounding IN ('line', 'contract')), 
	retainage_whole INTEGER NOT NULL CONSTRAINT ck_commitment_retainage_whole CHECK (retainage_whole IN (0, 1)), 
	completed_on TEXT, 
	retainage_completed_ppm INTEGER, 
	tax_code_id INTEGER, 
	payment_terms_id INTEGER, 
	payment_days INTEGER, 
	invite_kind TEXT CONSTRAINT ck_commitment_invite_kind CHECK (invite_kind IN ('work', 'release', 'both', 'final')), 
	stored_mode TEXT NOT NULL CONSTRAINT ck_commitment_stored_mode CHECK (stored_mode IN ('classic', 'auto to previous', 'auto to this period')), 
	over_line TEXT CONSTRAINT ck_commitment_over_line CHECK (over_line IN ('block', 'warn', 'allow')), 
	over_change_order TEXT CONSTRAINT ck_commitment_over_change_order CHECK (over_change_order IN ('block', 'warn', 'allow')), 
	over_contract TEXT CONSTRAINT ck_commitment_over_contract CHECK (over_contract IN ('block', 'warn', 'allow')), 
	over_quantity TEXT CONSTRAINT ck_commitment_over_quantity CHECK (over_quantity IN ('block', 'warn', 'allow')), 
	backup TEXT CONSTRAINT ck_commitment_backup CHECK (backup IN ('block', 'warn', 'off')), 
	backup_above_minor INTEGER, 
	sov_version INTEGER NOT NULL, 
	first_invited_at TEXT, 
	CONSTRAINT pk_commitment PRIMARY KEY (id), 
	CONSTRAINT uq_commitment_number UNIQUE (number), 
	CONSTRAINT fk_commitment_project_id FOREIGN KEY(project_id) REFERENCES project (id), 
	CONSTRAINT fk_commitment_vendor_id FOREIGN KEY(vendor_id) REFERENCES vendor (id), 
	CONSTRAINT fk_commitment_tax_code_id FOREIGN KEY(tax_code_id) REFERENCES tax_code (id), 
	CONSTRAINT fk_commitment_payment_terms_id FOREIGN KEY(payment_terms_id) REFERENCES payment_terms (id)
)
 STRICT

;
CREATE TABLE client_contract (
	id INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	revision INTEGER NOT NULL, 
	number TEXT NOT NULL, 
	title TEXT NOT NULL, 
	retainage_work_ppm INTEGER NOT NULL, 
	retainage_stored_ppm INTEGER NOT NULL, 
	retainage_steps TEXT NOT NULL, 
	retainage_reach TEXT NOT NULL CONSTRAINT ck_client_contract_retainage_reach CHECK (retainage_reach IN ('later work', 'all work')), 
	retainage_cap_ppm INTEGER, 
	retainage_cap_of TEXT NOT NULL CONSTRAINT ck_client_contract_retainage_cap_of CHECK (retainage_cap_of IN ('original value', 'revised value')), 
	retainage_cap_amount_minor INTEGER, 
	retainage_rounding TEXT NOT NULL CONSTRAINT ck_client_contract_retainage_rounding CHECK (retainage_rounding IN ('line', 'contract')), 
	retainage_whole INTEGER NOT NULL CONSTRAINT ck_client_contract_retainage_whole CHECK (retainage_whole IN (0, 1)), 
	completed_on TEXT, 
	retainage_completed_ppm INTEGER, 
	tax_code_id INTEGER, 
	currency TEXT NOT NULL, 
	CONSTRAINT pk_client_contract PRIMARY KEY (id), 
	CONSTRAINT uq_client_contract_project_id UNIQUE (project_id), 
	CONSTRAINT fk_client_contract_project_id FOREIGN KEY(project_id) REFERENCES project (id), 
	CONSTRAINT fk_client_contract_tax_code_id FOREIGN KEY(tax_code_id) REFERENCES tax_code (id)
)
 STRICT

;
CREATE TABLE cost_code_map (
	id INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	cost_code TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	client_line_key TEXT NOT NULL, 
	percent_ppm INTEGER NOT NULL, 
	CONSTRAINT pk_cost_code_map PRIMARY KEY (id), 
	CONSTRAINT uq_cost_code_map_project_id_cost_code_client_line_key UNIQUE (project_id, cost_code, client_line_key), 
	CONSTRAINT fk_cost_code_map_project_id FOREIGN KEY(project_id) REFERENCES project (id)
)
 STRICT

;
CREATE TABLE billing_period (
	id INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	start_on TEXT NOT NULL, 
	end_on TEXT NOT NULL, 
	billing_on TEXT NOT NULL, 
	invite_at TEXT NOT NULL, 
	due_at TEXT NOT NULL, 
	close_at TEXT NOT NULL, 
	state TEXT NOT NULL CONSTRAINT ck_billing_period_state CHECK (state IN ('planned', 'open', 'closed', 'settled')), 
	revision INTEGER NOT NULL, 
	CONSTRAINT pk_billing_period PRIMARY KEY (id), 
	CONSTRAINT uq_billing_period_project_id_number UNIQUE (project_id, number), 
	CONSTRAINT fk_billing_period_project_id FOREIGN KEY(project_id) REFERENCES project (id)
)
 STRICT

;
CREATE TABLE contact (
	id INTEGER NOT NULL, 
	commitment_id INTEGER NOT NULL, 
	address TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	role TEXT NOT NULL CONSTRAINT ck_contact_role CHECK (role IN ('bills', 'copied', 'escalation')), 
	name TEXT NOT NULL, 
	CONSTRAINT pk_contact PRIMARY KEY (id), 
	CONSTRAINT uq_contact_commitment_id_address UNIQUE (commitment_id, address), 
	CONSTRAINT fk_contact_commitment_id FOREIGN KEY(commitment_id) REFERENCES commitment (id)
)
 STRICT

;
CREATE TABLE change_order (
	id INTEGER NOT NULL, 
	commitment_id INTEGER NOT NULL, 
	number TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	title TEXT NOT NULL, 
	status TEXT NOT NULL CONSTRAINT ck_change_order_status CHECK (status IN ('pending', 'approved', 'void')), 
	approved_on TEXT, 
	CONSTRAINT pk_change_order PRIMARY KEY (id), 
	CONSTRAINT uq_change_order_commitment_id_number UNIQUE (commitment_id, number), 
	CONSTRAINT fk_change_order_commitment_id FOREIGN KEY(commitment_id) REFERENCES commitment (id)
)
 STRICT

;
CREATE TABLE client_change_order (
	id INTEGER NOT NULL, 
	client_contract_id INTEGER NOT NULL, 
	number TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	title TEXT NOT NULL, 
	status TEXT NOT NULL CONSTRAINT ck_client_change_order_status CHECK (status IN ('pending', 'approved', 'void')), 
	approved_on TEXT, 
	CONSTRAINT pk_client_change_order PRIMARY KEY (id), 
	CONSTRAINT uq_client_change_order_client_contract_id_number UNIQUE (client_contract_id, number), 
	CONSTRAINT fk_client_change_order_client_contract_id FOREIGN KEY(client_contract_id) REFERENCES client_contract (id)
)
 STRICT

;
CREATE TABLE deduction (
	id INTEGER NOT NULL, 
	commitment_id INTEGER NOT NULL, 
	number TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	dated_on TEXT NOT NULL, 
	description TEXT NOT NULL, 
	cost_code TEXT NOT NULL, 
	amount_minor INTEGER NOT NULL, 
	effect TEXT NOT NULL CONSTRAINT ck_deduction_effect CHECK (effect IN ('after tax', 'reduces the taxable value')), 
	evidence TEXT NOT NULL, 
	CONSTRAINT pk_deduction PRIMARY KEY (id), 
	CONSTRAINT uq_deduction_commitment_id_number UNIQUE (commitment_id, number), 
	CONSTRAINT fk_deduction_commitment_id FOREIGN KEY(commitment_id) REFERENCES commitment (id)
)
 STRICT

;
CREATE TABLE opening_commitment (
	id INTEGER NOT NULL, 
	commitment_id INTEGER NOT NULL, 
	revision INTEGER NOT NULL, 
	last_application_number INTEGER NOT NULL, 
	last_date TEXT, 
	certified_minor INTEGER NOT NULL, 
	invoice_numbers TEXT NOT NULL, 
	change_orders_by_month TEXT NOT NULL, 
	CONSTRAINT pk_opening_commitment PRIMARY KEY (id), 
	CONSTRAINT uq_opening_commitment_commitment_id UNIQUE (commitment_id), 
	CONSTRAINT fk_opening_commitment_commitment_id FOREIGN KEY(commitment_id) REFERENCES commitment (id)
)
 STRICT

;
CREATE TABLE opening_line (
	id INTEGER NOT NULL, 
	commitment_id INTEGER NOT NULL, 
	line_key TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	quantity_e4 INTEGER, 
	work_minor INTEGER NOT NULL, 
	stored_minor INTEGER NOT NULL, 
	withheld_work_minor INTEGER NOT NULL, 
	withheld_stored_minor INTEGER NOT NULL, 
	released_minor INTEGER NOT NULL, 
	CONSTRAINT pk_opening_line PRIMARY KEY (id), 
	CONSTRAINT uq_opening_line_commitment_id_line_key UNIQUE (commitment_id, line_key), 
	CONSTRAINT fk_opening_line_commitment_id FOREIGN KEY(commitment_id) REFERENCES commitment (id)
)
 STRICT

;
CREATE TABLE correction (
	id INTEGER NOT NULL, 
	commitment_id INTEGER NOT NULL, 
	sheet TEXT NOT NULL, 
	row_key TEXT NOT NULL, 
	field TEXT NOT NULL, 
	old TEXT NOT NULL, 
	new TEXT NOT NULL, 
	dated_on TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	admin_id INTEGER, 
	created_at TEXT NOT NULL, 
	CONSTRAINT pk_correction PRIMARY KEY (id), 
	CONSTRAINT fk_correction_commitment_id FOREIGN KEY(commitment_id) REFERENCES commitment (id), 
	CONSTRAINT fk_correction_admin_id FOREIGN KEY(admin_id) REFERENCES admin (id)
)
 STRICT

;
CREATE TABLE period_reminder (
	id INTEGER NOT NULL, 
	period_id INTEGER NOT NULL, 
	ordinal INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	sent_at TEXT, 
	CONSTRAINT pk_period_reminder PRIMARY KEY (id), 
	CONSTRAINT uq_period_reminder_period_id_ordinal UNIQUE (period_id, ordinal), 
	CONSTRAINT fk_period_reminder_period_id FOREIGN KEY(period_id) REFERENCES billing_period (id)
)
 STRICT

;
CREATE TABLE reopening (
	id INTEGER NOT NULL, 
	period_id INTEGER NOT NULL, 
	commitment_id INTEGER, 
	reason TEXT NOT NULL, 
	admin_id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	CONSTRAINT pk_reopening PRIMARY KEY (id), 
	CONSTRAINT fk_reopening_period_id FOREIGN KEY(period_id) REFERENCES billing_period (id), 
	CONSTRAINT fk_reopening_commitment_id FOREIGN KEY(commitment_id) REFERENCES commitment (id), 
	CONSTRAINT fk_reopening_admin_id FOREIGN KEY(admin_id) REFERENCES admin (id)
)
 STRICT

;
CREATE TABLE invite (
	id INTEGER NOT NULL, 
	period_id INTEGER NOT NULL, 
	commitment_id INTEGER NOT NULL, 
	kind TEXT NOT NULL CONSTRAINT ck_invite_kind CHECK (kind IN ('work', 'release', 'both', 'final')), 
	issue INTEGER NOT NULL, 
	state TEXT NOT NULL CONSTRAINT ck_invite_state CHECK (state IN ('planned', 'no contact', 'queued', 'sent', 'accepted', 'declined', 'answered', 'lapsed', 'bounced', 'replaced')), 
	revision INTEGER NOT NULL, 
	application_number INTEGER NOT NULL, 
	sov_version INTEGER NOT NULL, 
	currency TEXT NOT NULL, 
	previous_certificates_minor INTEGER NOT NULL, 
	retainage_work_ppm INTEGER NOT NULL, 
	retainage_stored_ppm INTEGER NOT NULL, 
	basis TEXT NOT NULL, 
	workbook_sha TEXT, 
	issued_at TEXT, 
	decline_reason TEXT, 
	CONSTRAINT pk_invite PRIMARY KEY (id), 
	CONSTRAINT uq_invite_period_id_commitment_id_kind_issue UNIQUE (period_id, commitment_id, kind, issue), 
	CONSTRAINT fk_invite_period_id FOREIGN KEY(period_id) REFERENCES billing_period (id), 
	CONSTRAINT fk_invite_commitment_id FOREIGN KEY(commitment_id) REFERENCES commitment (id)
)
 STRICT

;
CREATE TABLE payment_date (
	id INTEGER NOT NULL, 
	commitment_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	terms TEXT NOT NULL, 
	counted_from TEXT NOT NULL CONSTRAINT ck_payment_date_counted_from CHECK (counted_from IN ('period end', 'billing date', 'received', 'approved')), 
	holidays TEXT NOT NULL, 
	dates TEXT NOT NULL, 
	CONSTRAINT pk_payment_date PRIMARY KEY (id), 
	CONSTRAINT uq_payment_date_commitment_id_number UNIQUE (commitment_id, number), 
	CONSTRAINT fk_payment_date_commitment_id FOREIGN KEY(commitment_id) REFERENCES commitment (id)
)
 STRICT

;
CREATE TABLE review_sheet (
	id INTEGER NOT NULL, 
	period_id INTEGER NOT NULL, 
	admin_id INTEGER NOT NULL, 
	content_key TEXT NOT NULL, 
	ordinal INTEGER NOT NULL, 
	workbook_sha TEXT NOT NULL, 
	at TEXT NOT NULL, 
	CONSTRAINT pk_review_sheet PRIMARY KEY (id), 
	CONSTRAINT uq_review_sheet_period_id_admin_id_content_key UNIQUE (period_id, admin_id, content_key), 
	CONSTRAINT fk_review_sheet_period_id FOREIGN KEY(period_id) REFERENCES billing_period (id), 
	CONSTRAINT fk_review_sheet_admin_id FOREIGN KEY(admin_id) REFERENCES admin (id)
)
 STRICT

;
CREATE TABLE client_opening (
	id INTEGER NOT NULL, 
	client_contract_id INTEGER NOT NULL, 
	revision INTEGER NOT NULL, 
	last_application_number INTEGER NOT NULL, 
	certified_minor INTEGER NOT NULL, 
	CONSTRAINT pk_client_opening PRIMARY KEY (id), 
	CONSTRAINT uq_client_opening_client_contract_id UNIQUE (client_contract_id), 
	CONSTRAINT fk_client_opening_client_contract_id FOREIGN KEY(client_contract_id) REFERENCES client_contract (id)
)
 STRICT

;
CREATE TABLE client_opening_line (
	id INTEGER NOT NULL, 
	client_contract_id INTEGER NOT NULL, 
	line_key TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	work_minor INTEGER NOT NULL, 
	stored_minor INTEGER NOT NULL, 
	withheld_work_minor INTEGER NOT NULL, 
	withheld_stored_minor INTEGER NOT NULL, 
	released_minor INTEGER NOT NULL, 
	CONSTRAINT pk_client_opening_line PRIMARY KEY (id), 
	CONSTRAINT uq_client_opening_line_client_contract_id_line_key UNIQUE (client_contract_id, line_key), 
	CONSTRAINT fk_client_opening_line_client_contract_id FOREIGN KEY(client_contract_id) REFERENCES client_contract (id)
)
 STRICT

;
CREATE TABLE hold (
	id INTEGER NOT NULL, 
	number TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	vendor_id INTEGER, 
	commitment_id INTEGER, 
	reason TEXT NOT NULL, 
	since TEXT NOT NULL, 
	released_on TEXT, 
	shown INTEGER NOT NULL CONSTRAINT ck_hold_shown CHECK (shown IN (0, 1)), 
	CONSTRAINT pk_hold PRIMARY KEY (id), 
	CONSTRAINT uq_hold_number UNIQUE (number), 
	CONSTRAINT fk_hold_vendor_id FOREIGN KEY(vendor_id) REFERENCES vendor (id), 
	CONSTRAINT fk_hold_commitment_id FOREIGN KEY(commitment_id) REFERENCES commitment (id)
)
 STRICT

;
CREATE TABLE joint_check (
	id INTEGER NOT NULL, 
	commitment_id INTEGER NOT NULL, 
	number TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	payee TEXT NOT NULL, 
	owed_minor INTEGER NOT NULL, 
	agreed_on TEXT NOT NULL, 
	ended_on TEXT, 
	CONSTRAINT pk_joint_check PRIMARY KEY (id), 
	CONSTRAINT uq_joint_check_commitment_id_number UNIQUE (commitment_id, number), 
	CONSTRAINT fk_joint_check_commitment_id FOREIGN KEY(commitment_id) REFERENCES commitment (id)
)
 STRICT

;
CREATE TABLE upstream (
	id INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	revision_number INTEGER NOT NULL, 
	period_id INTEGER NOT NULL, 
	state TEXT NOT NULL CONSTRAINT ck_upstream_state CHECK (state IN ('draft', 'issued', 'certified', 'void')), 
	revision INTEGER NOT NULL, 
	currency TEXT NOT NULL, 
	workbook_sha TEXT, 
	compiled_at TEXT NOT NULL, 
	issued_at TEXT, 
	matched_minor INTEGER NOT NULL, 
	unmatched_minor INTEGER NOT NULL, 
	downstream_minor INTEGER NOT NULL, 
	retainage_minor INTEGER NOT NULL, 
	net_minor INTEGER NOT NULL, 
	payable_minor INTEGER NOT NULL, 
	dates TEXT NOT NULL, 
	uncertified_minor INTEGER NOT NULL, 
	CONSTRAINT pk_upstream PRIMARY KEY (id), 
	CONSTRAINT uq_upstream_project_id_number_revision_number UNIQUE (project_id, number, revision_number), 
	CONSTRAINT fk_upstream_project_id FOREIGN KEY(project_id) REFERENCES project (id), 
	CONSTRAINT fk_upstream_period_id FOREIGN KEY(period_id) REFERENCES billing_period (id)
)
 STRICT

;
CREATE TABLE client_release (
	id INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	period_id INTEGER NOT NULL, 
	line_key TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	amount_minor INTEGER, 
	currency TEXT NOT NULL, 
	CONSTRAINT pk_client_release PRIMARY KEY (id), 
	CONSTRAINT uq_client_release_period_id_line_key UNIQUE (period_id, line_key), 
	CONSTRAINT fk_client_release_project_id FOREIGN KEY(project_id) REFERENCES project (id), 
	CONSTRAINT fk_client_release_period_id FOREIGN KEY(period_id) REFERENCES billing_period (id)
)
 STRICT

;
CREATE TABLE sov_line (
	id INTEGER NOT NULL, 
	commitment_id INTEGER NOT NULL, 
	line_key TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	item TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	description TEXT NOT NULL, 
	cost_code TEXT NOT NULL, 
	scheduled_value_minor INTEGER NOT NULL, 
	changes_line TEXT, 
	change_order_id INTEGER, 
	retainage_work_ppm INTEGER, 
	retainage_stored_ppm INTEGER, 
	retainage_amount_minor INTEGER, 
	method TEXT NOT NULL CONSTRAINT ck_sov_line_method CHECK (method IN ('percent or amount', 'unit price', 'milestone')), 
	quantity_e4 INTEGER, 
	unit TEXT NOT NULL, 
	unit_price_e6 INTEGER, 
	remeasured INTEGER NOT NULL CONSTRAINT ck_sov_line_remeasured CHECK (remeasured IN (0, 1)), 
	tax_code_id INTEGER, 
	CONSTRAINT pk_sov_line PRIMARY KEY (id), 
	CONSTRAINT uq_sov_line_commitment_id_line_key UNIQUE (commitment_id, line_key), 
	CONSTRAINT fk_sov_line_commitment_id FOREIGN KEY(commitment_id) REFERENCES commitment (id), 
	CONSTRAINT fk_sov_line_change_order_id FOREIGN KEY(change_order_id) REFERENCES change_order (id), 
	CONSTRAINT fk_sov_line_tax_code_id FOREIGN KEY(tax_code_id) REFERENCES tax_code (id)
)
 STRICT

;
CREATE TABLE client_line (
	id INTEGER NOT NULL, 
	client_contract_id INTEGER NOT NULL, 
	line_key TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	item TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	description TEXT NOT NULL, 
	cost_code TEXT NOT NULL, 
	scheduled_value_minor INTEGER NOT NULL, 
	client_change_order_id INTEGER, 
	tax_code_id INTEGER, 
	retainage_work_ppm INTEGER, 
	retainage_stored_ppm INTEGER, 
	retainage_amount_minor INTEGER, 
	CONSTRAINT pk_client_line PRIMARY KEY (id), 
	CONSTRAINT uq_client_line_client_contract_id_line_key UNIQUE (client_contract_id, line_key), 
	CONSTRAINT fk_client_line_client_contract_id FOREIGN KEY(client_contract_id) REFERENCES client_contract (id), 
	CONSTRAINT fk_client_line_client_change_order_id FOREIGN KEY(client_change_order_id) REFERENCES client_change_order (id), 
	CONSTRAINT fk_client_line_tax_code_id FOREIGN KEY(tax_code_id) REFERENCES tax_code (id)
)
 STRICT

;
CREATE TABLE invite_line (
	id INTEGER NOT NULL, 
	invite_id INTEGER NOT NULL, 
	line_key TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	item TEXT NOT NULL, 
	description TEXT NOT NULL, 
	cost_code TEXT NOT NULL, 
	change_order TEXT NOT NULL, 
	scheduled_value_minor INTEGER NOT NULL, 
	retainage_work_ppm INTEGER, 
	retainage_stored_ppm INTEGER, 
	retainage_amount_minor INTEGER, 
	method TEXT NOT NULL CONSTRAINT ck_invite_line_method CHECK (method IN ('percent or amount', 'unit price', 'milestone')), 
	quantity_e4 INTEGER, 
	unit TEXT NOT NULL, 
	unit_price_e6 INTEGER, 
	remeasured INTEGER NOT NULL CONSTRAINT ck_invite_line_remeasured CHECK (remeasured IN (0, 1)), 
	quantity_before_e4 INTEGER NOT NULL, 
	work_minor INTEGER NOT NULL, 
	stored_minor INTEGER NOT NULL, 
	withheld_work_minor INTEGER NOT NULL, 
	withheld_stored_minor INTEGER NOT NULL, 
	released_minor INTEGER NOT NULL, 
	opening_work_minor INTEGER NOT NULL, 
	opening_withheld_work_minor INTEGER NOT NULL, 
	opening_stored_minor INTEGER NOT NULL, 
	opening_withheld_stored_minor INTEGER NOT NULL, 
	CONSTRAINT pk_invite_line PRIMARY KEY (id), 
	CONSTRAINT uq_invite_line_invite_id_line_key UNIQUE (invite_id, line_key), 
	CONSTRAINT fk_invite_line_invite_id FOREIGN KEY(invite_id) REFERENCES invite (id)
)
 STRICT

;
CREATE TABLE invite_token (
	token TEXT NOT NULL, 
	invite_id INTEGER NOT NULL, 
	address TEXT NOT NULL, 
	role TEXT NOT NULL CONSTRAINT ck_invite_token_role CHECK (role IN ('bills', 'copied', 'escalation')), 
	workbook_sha TEXT NOT NULL, 
	CONSTRAINT pk_invite_token PRIMARY KEY (token), 
	CONSTRAINT uq_invite_token_invite_id_address UNIQUE (invite_id, address), 
	CONSTRAINT fk_invite_token_invite_id FOREIGN KEY(invite_id) REFERENCES invite (id)
)
 STRICT

;
CREATE TABLE inbox (
	id INTEGER NOT NULL, 
	account TEXT NOT NULL, 
	folder TEXT NOT NULL, 
	uidvalidity INTEGER NOT NULL, 
	uid INTEGER NOT NULL, 
	sha256 TEXT NOT NULL, 
	content_sha TEXT NOT NULL, 
	size INTEGER NOT NULL, 
	received_at TEXT NOT NULL, 
	state TEXT NOT NULL CONSTRAINT ck_inbox_state CHECK (state IN ('stored', 'processed', 'waiting for a person', 'settled by a person', 'quarantined')), 
	revision INTEGER NOT NULL, 
	attempts INTEGER NOT NULL, 
	outcome TEXT, 
	reason TEXT, 
	sender TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	message_id TEXT NOT NULL, 
	invite_id INTEGER, 
	application_id INTEGER, 
	duplicate_of INTEGER, 
	file_to TEXT, 
	filed_at TEXT, 
	traceback TEXT, 
	next_try_at TEXT, 
	CONSTRAINT pk_inbox PRIMARY KEY (id), 
	CONSTRAINT uq_inbox_account_folder_uidvalidity_uid UNIQUE (account, folder, uidvalidity, uid), 
	CONSTRAINT fk_inbox_invite_id FOREIGN KEY(invite_id) REFERENCES invite (id), 
	CONSTRAINT fk_inbox_application_id FOREIGN KEY(application_id) REFERENCES application (id), 
	CONSTRAINT fk_inbox_duplicate_of FOREIGN KEY(duplicate_of) REFERENCES inbox (id)
)
 STRICT

;
CREATE TABLE upstream_line (
	id INTEGER NOT NULL, 
	upstream_id INTEGER NOT NULL, 
	line_key TEXT NOT NULL, 
	item TEXT NOT NULL, 
	description TEXT NOT NULL, 
	change_order TEXT NOT NULL, 
	scheduled_value_minor INTEGER NOT NULL, 
	work_previous_minor INTEGER NOT NULL, 
	work_minor INTEGER NOT NULL, 
	stored_minor INTEGER NOT NULL, 
	retainage_minor INTEGER NOT NULL, 
	retainage_work_minor INTEGER NOT NULL, 
	released_minor INTEGER NOT NULL, 
	again_work_minor INTEGER NOT NULL, 
	again_stored_minor INTEGER NOT NULL, 
	CONSTRAINT pk_upstream_line PRIMARY KEY (id), 
	CONSTRAINT uq_upstream_line_upstream_id_line_key UNIQUE (upstream_id, line_key), 
	CONSTRAINT fk_upstream_line_upstream_id FOREIGN KEY(upstream_id) REFERENCES upstream (id)
)
 STRICT

;
CREATE TABLE certificate (
	id INTEGER NOT NULL, 
	upstream_id INTEGER NOT NULL, 
	ordinal INTEGER NOT NULL, 
	certified_at TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	retainage_minor INTEGER NOT NULL, 
	net_minor INTEGER NOT NULL, 
	payable_minor INTEGER NOT NULL, 
	currency TEXT NOT NULL, 
	CONSTRAINT pk_certificate PRIMARY KEY (id), 
	CONSTRAINT uq_certificate_upstream_id_ordinal UNIQUE (upstream_id, ordinal), 
	CONSTRAINT fk_certificate_upstream_id FOREIGN KEY(upstream_id) REFERENCES upstream (id)
)
 STRICT

;
CREATE TABLE upstream_tax (
	id INTEGER NOT NULL, 
	upstream_id INTEGER NOT NULL, 
	code TEXT NOT NULL, 
	description TEXT NOT NULL, 
	kind TEXT NOT NULL CONSTRAINT ck_upstream_tax_kind CHECK (kind IN ('charged', 'reverse charge')), 
	rate_ppm INTEGER NOT NULL, 
	rounding TEXT NOT NULL CONSTRAINT ck_upstream_tax_rounding CHECK (rounding IN ('by line', 'on total')), 
	base_minor INTEGER NOT NULL, 
	tax_minor INTEGER NOT NULL, 
	currency TEXT NOT NULL, 
	parts TEXT NOT NULL, 
	CONSTRAINT pk_upstream_tax PRIMARY KEY (id), 
	CONSTRAINT uq_upstream_tax_upstream_id_code UNIQUE (upstream_id, code), 
	CONSTRAINT fk_upstream_tax_upstream_id FOREIGN KEY(upstream_id) REFERENCES upstream (id)
)
 STRICT

;
CREATE TABLE application (
	id INTEGER NOT NULL, 
	commitment_id INTEGER NOT NULL, 
	number INTEGER, 
	revision_number INTEGER NOT NULL, 
	period_id INTEGER NOT NULL, 
	invite_id INTEGER NOT NULL, 
	state TEXT NOT NULL CONSTRAINT ck_application_state CHECK (state IN ('received', 'returned', 'under review', 'revise and resubmit', 'pending client approval', 'approved', 'approved as noted', 'superseded', 'void')), 
	revision INTEGER NOT NULL, 
	currency TEXT NOT NULL, 
	inbox_id INTEGER, 
	workbook_sha TEXT, 
	claim_sha TEXT NOT NULL, 
	invoice_number TEXT NOT NULL, 
	comment TEXT NOT NULL, 
	entered_by INTEGER, 
	sender TEXT NOT NULL, 
	received_at TEXT NOT NULL, 
	submitted_at TEXT NOT NULL, 
	approved_at TEXT, 
	erp_document TEXT, 
	CONSTRAINT pk_application PRIMARY KEY (id), 
	CONSTRAINT uq_application_invite_id_revision_number UNIQUE (invite_id, revision_number), 
	CONSTRAINT fk_application_commitment_id FOREIGN KEY(commitment_id) REFERENCES commitment (id), 
	CONSTRAINT fk_application_period_id FOREIGN KEY(period_id) REFERENCES billing_period (id), 
	CONSTRAINT fk_application_invite_id FOREIGN KEY(invite_id) REFERENCES invite (id), 
	CONSTRAINT fk_application_inbox_id FOREIGN KEY(inbox_id) REFERENCES inbox (id), 
	CONSTRAINT fk_application_entered_by FOREIGN KEY(entered_by) REFERENCES admin (id)
)
 STRICT

;
CREATE TABLE submission (
	id INTEGER NOT NULL, 
	content_sha TEXT NOT NULL, 
	inbox_id INTEGER NOT NULL, 
	CONSTRAINT pk_submission PRIMARY KEY (id), 
	CONSTRAINT uq_submission_content_sha UNIQUE (content_sha), 
	CONSTRAINT fk_submission_inbox_id FOREIGN KEY(inbox_id) REFERENCES inbox (id)
)
 STRICT

;
CREATE TABLE certificate_line (
	id INTEGER NOT NULL, 
	certificate_id INTEGER NOT NULL, 
	line_key TEXT NOT NULL, 
	work_minor INTEGER NOT NULL, 
	stored_minor INTEGER NOT NULL, 
	retainage_minor INTEGER NOT NULL, 
	retainage_work_minor INTEGER NOT NULL, 
	released_minor INTEGER NOT NULL, 
	CONSTRAINT pk_certificate_line PRIMARY KEY (id), 
	CONSTRAINT uq_certificate_line_certificate_id_line_key UNIQUE (certificate_id, line_key), 
	CONSTRAINT fk_certificate_line_certificate_id FOREIGN KEY(certificate_id) REFERENCES certificate (id)
)
 STRICT

;
CREATE TABLE certificate_tax (
	id INTEGER NOT NULL, 
	certificate_id INTEGER NOT NULL, 
	code TEXT NOT NULL, 
	description TEXT NOT NULL, 
	kind TEXT NOT NULL CONSTRAINT ck_certificate_tax_kind CHECK (kind IN ('charged', 'reverse charge')), 
	rate_ppm INTEGER NOT NULL, 
	rounding TEXT NOT NULL CONSTRAINT ck_certificate_tax_rounding CHECK (rounding IN ('by line', 'on total')), 
	base_minor INTEGER NOT NULL, 
	tax_minor INTEGER NOT NULL, 
	currency TEXT NOT NULL, 
	parts TEXT NOT NULL, 
	CONSTRAINT pk_certificate_tax PRIMARY KEY (id), 
	CONSTRAINT uq_certificate_tax_certificate_id_code UNIQUE (certificate_id, code), 
	CONSTRAINT fk_certificate_tax_certificate_id FOREIGN KEY(certificate_id) REFERENCES certificate (id)
)
 STRICT

;
CREATE TABLE application_line (
	id INTEGER NOT NULL, 
	application_id INTEGER NOT NULL, 
	line_key TEXT NOT NULL, 
	claimed_work_minor INTEGER NOT NULL, 
	claimed_stored_minor INTEGER NOT NULL, 
	claimed_release_minor INTEGER NOT NULL, 
	claimed_quantity_e4 INTEGER, 
	approved_work_minor INTEGER, 
	approved_stored_minor INTEGER, 
	approved_release_minor INTEGER, 
	approved_quantity_e4 INTEGER, 
	reason TEXT NOT NULL, 
	CONSTRAINT pk_application_line PRIMARY KEY (id), 
	CONSTRAINT uq_application_line_application_id_line_key UNIQUE (application_id, line_key), 
	CONSTRAINT fk_application_line_application_id FOREIGN KEY(application_id) REFERENCES application (id)
)
 STRICT

;
CREATE TABLE application_summary (
	id INTEGER NOT NULL, 
	application_id INTEGER NOT NULL, 
	side TEXT NOT NULL CONSTRAINT ck_application_summary_side CHECK (side IN ('claimed', 'approved')), 
	original_contract_sum_minor INTEGER NOT NULL, 
	net_change_orders_minor INTEGER NOT NULL, 
	contract_sum_to_date_minor INTEGER NOT NULL, 
	total_completed_and_stored_minor INTEGER NOT NULL, 
	retainage_work_minor INTEGER NOT NULL, 
	retainage_stored_minor INTEGER NOT NULL, 
	retainage_total_minor INTEGER NOT NULL, 
	total_earned_less_retainage_minor INTEGER NOT NULL, 
	previous_certificates_minor INTEGER NOT NULL, 
	current_payment_due_minor INTEGER NOT NULL, 
	balance_to_finish_minor INTEGER NOT NULL, 
	gross_this_period_minor INTEGER NOT NULL, 
	payable_minor INTEGER NOT NULL, 
	CONSTRAINT pk_application_summary PRIMARY KEY (id), 
	CONSTRAINT uq_application_summary_application_id_side UNIQUE (application_id, side), 
	CONSTRAINT fk_application_summary_application_id FOREIGN KEY(application_id) REFERENCES application (id)
)
 STRICT

;
CREATE TABLE finding (
	id INTEGER NOT NULL, 
	application_id INTEGER, 
	inbox_id INTEGER, 
	ordinal INTEGER NOT NULL, 
	code TEXT NOT NULL, 
	severity TEXT NOT NULL CONSTRAINT ck_finding_severity CHECK (severity IN ('return', 'hold', 'note')), 
	sheet TEXT NOT NULL, 
	cell TEXT NOT NULL, 
	line TEXT NOT NULL, 
	found TEXT NOT NULL, 
	expected TEXT NOT NULL, 
	difference TEXT NOT NULL, 
	CONSTRAINT pk_finding PRIMARY KEY (id), 
	CONSTRAINT fk_finding_application_id FOREIGN KEY(application_id) REFERENCES application (id), 
	CONSTRAINT fk_finding_inbox_id FOREIGN KEY(inbox_id) REFERENCES inbox (id)
)
 STRICT

;
CREATE TABLE review (
	id INTEGER NOT NULL, 
	application_id INTEGER NOT NULL, 
	decision TEXT NOT NULL, 
	admin_id INTEGER NOT NULL, 
	workbook_sha TEXT, 
	reason TEXT NOT NULL, 
	at TEXT NOT NULL, 
	CONSTRAINT pk_review PRIMARY KEY (id), 
	CONSTRAINT fk_review_application_id FOREIGN KEY(application_id) REFERENCES application (id), 
	CONSTRAINT fk_review_admin_id FOREIGN KEY(admin_id) REFERENCES admin (id)
)
 STRICT

;
CREATE TABLE retainage_entry (
	id INTEGER NOT NULL, 
	commitment_id INTEGER NOT NULL, 
	line_key TEXT NOT NULL, 
	application_id INTEGER, 
	kind TEXT NOT NULL, 
	component TEXT NOT NULL CONSTRAINT ck_retainage_entry_component CHECK (component IN ('work', 'stored')), 
	amount_minor INTEGER NOT NULL, 
	currency TEXT NOT NULL, 
	at TEXT NOT NULL, 
	CONSTRAINT pk_retainage_entry PRIMARY KEY (id), 
	CONSTRAINT fk_retainage_entry_commitment_id FOREIGN KEY(commitment_id) REFERENCES commitment (id), 
	CONSTRAINT fk_retainage_entry_application_id FOREIGN KEY(application_id) REFERENCES application (id)
)
 STRICT

;
CREATE TABLE line_ledger (
	id INTEGER NOT NULL, 
	commitment_id INTEGER NOT NULL, 
	line_key TEXT NOT NULL, 
	application_id INTEGER, 
	ordinal INTEGER NOT NULL, 
	work_minor INTEGER NOT NULL, 
	stored_minor INTEGER NOT NULL, 
	quantity_e4 INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	CONSTRAINT pk_line_ledger PRIMARY KEY (id), 
	CONSTRAINT fk_line_ledger_commitment_id FOREIGN KEY(commitment_id) REFERENCES commitment (id), 
	CONSTRAINT fk_line_ledger_application_id FOREIGN KEY(application_id) REFERENCES application (id)
)
 STRICT

;
CREATE TABLE application_deduction (
	id INTEGER NOT NULL, 
	application_id INTEGER NOT NULL, 
	deduction_id INTEGER NOT NULL, 
	amount_minor INTEGER NOT NULL, 
	currency TEXT NOT NULL, 
	live INTEGER NOT NULL CONSTRAINT ck_application_deduction_live CHECK (live IN (0, 1)), 
	CONSTRAINT pk_application_deduction PRIMARY KEY (id), 
	CONSTRAINT fk_application_deduction_application_id FOREIGN KEY(application_id) REFERENCES application (id), 
	CONSTRAINT fk_application_deduction_deduction_id FOREIGN KEY(deduction_id) REFERENCES deduction (id)
)
 STRICT

;
CREATE TABLE attachment (
	id INTEGER NOT NULL, 
	application_id INTEGER, 
	inbox_id INTEGER NOT NULL, 
	sha256 TEXT NOT NULL, 
	name TEXT NOT NULL, 
	content_type TEXT NOT NULL, 
	CONSTRAINT pk_attachment PRIMARY KEY (id), 
	CONSTRAINT fk_attachment_application_id FOREIGN KEY(application_id) REFERENCES application (id), 
	CONSTRAINT fk_attachment_inbox_id FOREIGN KEY(inbox_id) REFERENCES inbox (id)
)
 STRICT

;
CREATE TABLE application_exchange (
	id INTEGER NOT NULL, 
	application_id INTEGER NOT NULL, 
	from_currency TEXT NOT NULL, 
	currency TEXT NOT NULL, 
	rate_e8 INTEGER NOT NULL, 
	dated_on TEXT NOT NULL, 
	gross_minor INTEGER NOT NULL, 
	due_minor INTEGER NOT NULL, 
	payable_minor INTEGER NOT NULL, 
	CONSTRAINT pk_application_exchange PRIMARY KEY (id), 
	CONSTRAINT uq_application_exchange_application_id UNIQUE (application_id), 
	CONSTRAINT fk_application_exchange_application_id FOREIGN KEY(application_id) REFERENCES application (id)
)
 STRICT

;
CREATE TABLE application_exchange_line (
	id INTEGER NOT NULL, 
	application_id INTEGER NOT NULL, 
	line_key TEXT NOT NULL, 
	currency TEXT NOT NULL, 
	work_minor INTEGER NOT NULL, 
	stored_minor INTEGER NOT NULL, 
	CONSTRAINT pk_application_exchange_line PRIMARY KEY (id), 
	CONSTRAINT uq_application_exchange_line_application_id_line_key UNIQUE (application_id, line_key), 
	CONSTRAINT fk_application_exchange_line_application_id FOREIGN KEY(application_id) REFERENCES application (id)
)
 STRICT

;
CREATE TABLE application_payee (
	id INTEGER NOT NULL, 
	application_id INTEGER NOT NULL, 
	joint_check_id INTEGER NOT NULL, 
	ordinal INTEGER NOT NULL, 
	payee TEXT NOT NULL, 
	open_minor INTEGER NOT NULL, 
	amount_minor INTEGER NOT NULL, 
	currency TEXT NOT NULL, 
	live INTEGER NOT NULL CONSTRAINT ck_application_payee_live CHECK (live IN (0, 1)), 
	CONSTRAINT pk_application_payee PRIMARY KEY (id), 
	CONSTRAINT fk_application_payee_application_id FOREIGN KEY(application_id) REFERENCES application (id), 
	CONSTRAINT fk_application_payee_joint_check_id FOREIGN KEY(joint_check_id) REFERENCES joint_check (id)
)
 STRICT

;
CREATE TABLE application_tax (
	id INTEGER NOT NULL, 
	application_id INTEGER NOT NULL, 
	side TEXT NOT NULL CONSTRAINT ck_application_tax_side CHECK (side IN ('claimed', 'approved')), 
	code TEXT NOT NULL, 
	description TEXT NOT NULL, 
	kind TEXT NOT NULL CONSTRAINT ck_application_tax_kind CHECK (kind IN ('charged', 'reverse charge')), 
	rate_ppm INTEGER NOT NULL, 
	rounding TEXT NOT NULL CONSTRAINT ck_application_tax_rounding CHECK (rounding IN ('by line', 'on total')), 
	base_minor INTEGER NOT NULL, 
	tax_minor INTEGER NOT NULL, 
	currency TEXT NOT NULL, 
	parts TEXT NOT NULL, 
	CONSTRAINT pk_application_tax PRIMARY KEY (id), 
	CONSTRAINT uq_application_tax_application_id_side_code UNIQUE (application_id, side, code), 
	CONSTRAINT fk_application_tax_application_id FOREIGN KEY(application_id) REFERENCES application (id)
)
 STRICT

;
CREATE TABLE application_withholding (
	id INTEGER NOT NULL, 
	application_id INTEGER NOT NULL, 
	side TEXT NOT NULL CONSTRAINT ck_application_withholding_side CHECK (side IN ('claimed', 'approved')), 
	status TEXT NOT NULL CONSTRAINT ck_application_withholding_status CHECK (status IN ('gross', 'registered', 'unregistered')), 
	rate_ppm INTEGER NOT NULL, 
	payment_minor INTEGER NOT NULL, 
	materials_minor INTEGER, 
	base_minor INTEGER NOT NULL, 
	amount_minor INTEGER NOT NULL, 
	currency TEXT NOT NULL, 
	CONSTRAINT pk_application_withholding PRIMARY KEY (id), 
	CONSTRAINT uq_application_withholding_application_id_side UNIQUE (application_id, side), 
	CONSTRAINT fk_application_withholding_application_id FOREIGN KEY(application_id) REFERENCES application (id)
)
 STRICT

;
CREATE TABLE upstream_source (
	id INTEGER NOT NULL, 
	upstream_id INTEGER NOT NULL, 
	application_id INTEGER NOT NULL, 
	line_key TEXT NOT NULL, 
	client_line_key TEXT, 
	cost_code TEXT NOT NULL, 
	share_ppm INTEGER, 
	work_minor INTEGER NOT NULL, 
	stored_minor INTEGER NOT NULL, 
	CONSTRAINT pk_upstream_source PRIMARY KEY (id), 
	CONSTRAINT uq_upstream_source_upstream_id_application_id_line_key_client_line_key UNIQUE (upstream_id, application_id, line_key, client_line_key), 
	CONSTRAINT fk_upstream_source_upstream_id FOREIGN KEY(upstream_id) REFERENCES upstream (id), 
	CONSTRAINT fk_upstream_source_application_id FOREIGN KEY(application_id) REFERENCES application (id)
)
 STRICT

;
CREATE TABLE erp_document (
	id INTEGER NOT NULL, 
	batch_id INTEGER NOT NULL, 
	target TEXT NOT NULL, 
	company TEXT NOT NULL, 
	side TEXT NOT NULL, 
	party TEXT NOT NULL, 
	document TEXT NOT NULL, 
	document_revision INTEGER NOT NULL, 
	application_id INTEGER NOT NULL, 
	amount_minor INTEGER NOT NULL, 
	retainage_minor INTEGER NOT NULL, 
	payable_minor INTEGER NOT NULL, 
	currency TEXT NOT NULL, 
	accounting_on TEXT NOT NULL, 
	live INTEGER NOT NULL CONSTRAINT ck_erp_document_live CHECK (live IN (0, 1)), 
	CONSTRAINT pk_erp_document PRIMARY KEY (id), 
	CONSTRAINT fk_erp_document_batch_id FOREIGN KEY(batch_id) REFERENCES erp_batch (id), 
	CONSTRAINT fk_erp_document_application_id FOREIGN KEY(application_id) REFERENCES application (id)
)
 STRICT

;
CREATE INDEX ix_application_commitment_id ON application (commitment_id);
CREATE INDEX ix_application_deduction_application_id ON application_deduction (application_id);
CREATE INDEX ix_application_deduction_deduction_id ON application_deduction (deduction_id);
CREATE INDEX ix_application_entered_by ON application (entered_by);
CREATE INDEX ix_application_exchange_application_id ON application_exchange (application_id);
CREATE INDEX ix_application_exchange_line_application_id ON application_exchange_line (application_id);
CREATE INDEX ix_application_inbox_id ON application (inbox_id);
CREATE INDEX ix_application_invite_id ON application (invite_id);
CREATE INDEX ix_application_line_application_id ON application_line (application_id);
CREATE INDEX ix_application_payee_application_id ON application_payee (application_id);
CREATE INDEX ix_application_payee_joint_check_id ON application_payee (joint_check_id);
CREATE INDEX ix_application_period_id ON application (period_id);
CREATE INDEX ix_application_summary_application_id ON application_summary (application_id);
CREATE INDEX ix_application_tax_application_id ON application_tax (application_id);
CREATE INDEX ix_application_withholding_application_id ON application_withholding (application_id);
CREATE INDEX ix_attachment_application_id ON attachment (application_id);
CREATE INDEX ix_attachment_inbox_id ON attachment (inbox_id);
CREATE INDEX ix_billing_period_project_id ON billing_period (project_id);
CREATE INDEX ix_certificate_line_certificate_id ON certificate_line (certificate_id);
CREATE INDEX ix_certificate_tax_certificate_id ON certificate_tax (certificate_id);
CREATE INDEX ix_certificate_upstream_id ON certificate (upstream_id);
CREATE INDEX ix_change_order_commitment_id ON change_order (commitment_id);
CREATE INDEX ix_client_change_order_client_contract_id ON client_change_order (client_contract_id);
CREATE INDEX ix_client_contract_project_id ON client_contract (project_id);
CREATE INDEX ix_client_contract_tax_code_id ON client_contract (tax_code_id);
CREATE INDEX ix_client_line_client_change_order_id ON client_line (client_change_order_id);
CREATE INDEX ix_client_line_client_contract_id ON client_line (client_contract_id);
CREATE INDEX ix_client_line_tax_code_id ON client_line (tax_code_id);
CREATE INDEX ix_client_opening_client_contract_id ON client_opening (client_contract_id);
CREATE INDEX ix_client_opening_line_client_contract_id ON client_opening_line (client_contract_id);
CREATE INDEX ix_client_release_period_id ON client_release (period_id);
CREATE INDEX ix_client_release_project_id ON client_release (project_id);
CREATE INDEX ix_commitment_payment_terms_id ON commitment (payment_terms_id);
CREATE INDEX ix_commitment_project_id ON commitment (project_id);
CREATE INDEX ix_commitment_tax_code_id ON commitment (tax_code_id);
CREATE INDEX ix_commitment_vendor_id ON commitment (vendor_id);
CREATE INDEX ix_contact_commitment_id ON contact (commitment_id);
CREATE INDEX ix_correction_admin_id ON correction (admin_id);
CREATE INDEX ix_correction_commitment_id ON correction (commitment_id);
CREATE INDEX ix_cost_code_map_project_id ON cost_code_map (project_id);
CREATE INDEX ix_custom_period_project_id ON custom_period (project_id);
CREATE INDEX ix_deduction_commitment_id ON deduction (commitment_id);
CREATE INDEX ix_erp_batch_reverses_id ON erp_batch (reverses_id);
CREATE INDEX ix_erp_document_application_id ON erp_document (application_id);
CREATE INDEX ix_erp_document_batch_id ON erp_document (batch_id);
CREATE INDEX ix_finding_application_id ON finding (application_id);
CREATE INDEX ix_finding_inbox_id ON finding (inbox_id);
CREATE INDEX ix_hold_commitment_id ON hold (commitment_id);
CREATE INDEX ix_hold_vendor_id ON hold (vendor_id);
CREATE INDEX ix_inbox_application_id ON inbox (application_id);
CREATE INDEX ix_inbox_duplicate_of ON inbox (duplicate_of);
CREATE INDEX ix_inbox_invite_id ON inbox (invite_id);
CREATE INDEX ix_invite_commitment_id ON invite (commitment_id);
CREATE INDEX ix_invite_line_invite_id ON invite_line (invite_id);
CREATE INDEX ix_invite_period_id ON invite (period_id);
CREATE INDEX ix_invite_token_invite_id ON invite_token (invite_id);
CREATE INDEX ix_joint_check_commitment_id ON joint_check (commitment_id);
CREATE INDEX ix_line_ledger_application_id ON line_ledger (application_id);
CREATE INDEX ix_line_ledger_commitment_id ON line_ledger (commitment_id);
CREATE INDEX ix_opening_commitment_commitment_id ON opening_commitment (commitment_id);
CREATE INDEX ix_opening_line_commitment_id ON opening_line (commitment_id);
CREATE INDEX ix_payment_date_commitment_id ON payment_date (commitment_id);
CREATE INDEX ix_period_reminder_period_id ON period_reminder (period_id);
CREATE INDEX ix_project_client_terms_id ON project (client_terms_id);
CREATE INDEX ix_project_payment_terms_id ON project (payment_terms_id);
CREATE INDEX ix_register_import_admin_id ON register_import (admin_id);
CREATE INDEX ix_reopening_admin_id ON reopening (admin_id);
CREATE INDEX ix_reopening_commitment_id ON reopening (commitment_id);
CREATE INDEX ix_reopening_period_id ON reopening (period_id);
CREATE INDEX ix_retainage_entry_application_id ON retainage_entry (application_id);
CREATE INDEX ix_retainage_entry_commitment_id ON retainage_entry (commitment_id);
CREATE INDEX ix_review_admin_id ON review (admin_id);
CREATE INDEX ix_review_application_id ON review (application_id);
CREATE INDEX ix_review_sheet_admin_id ON review_sheet (admin_id);
CREATE INDEX ix_review_sheet_period_id ON review_sheet (period_id);
CREATE INDEX ix_sov_line_change_order_id ON sov_line (change_order_id);
CREATE INDEX ix_sov_line_commitment_id ON sov_line (commitment_id);
CREATE INDEX ix_sov_line_tax_code_id ON sov_line (tax_code_id);
CREATE INDEX ix_submission_inbox_id ON submission (inbox_id);
CREATE INDEX ix_upstream_line_upstream_id ON upstream_line (upstream_id);
CREATE INDEX ix_upstream_period_id ON upstream (period_id);
CREATE INDEX ix_upstream_project_id ON upstream (project_id);
CREATE INDEX ix_upstream_source_application_id ON upstream_source (application_id);
CREATE INDEX ix_upstream_source_upstream_id ON upstream_source (upstream_id);
CREATE INDEX ix_upstream_tax_upstream_id ON upstream_tax (upstream_id);
CREATE INDEX ix_watched_file_admin_id ON watched_file (admin_id);
CREATE UNIQUE INDEX uq_application_deduction_live ON application_deduction (deduction_id) WHERE live = 1;
CREATE UNIQUE INDEX uq_application_live ON application (commitment_id, number) WHERE state IN ('approved', 'approved as noted', 'pending client approval', 'received', 'returned', 'revise and resubmit', 'under review');
CREATE UNIQUE INDEX uq_application_payee_live ON application_payee (application_id, joint_check_id) WHERE live = 1;
CREATE UNIQUE INDEX uq_erp_document_live ON erp_document (target, company, side, party, document, document_revision) WHERE live = 1;
